//! Suites of Tier 1 made from the knowledge base: its own names and aliases with seeded noise, in turn. The same sample and seed
//! give the same rows. Only acceptance holds names back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use find_facts_analysis::Seeded;
use find_facts_api::admin::SampledEntity;
use find_facts_core::{Mode, Part, Parts, Without};

use super::{Row, SuiteKind, noise};

/// How a row's mention comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recipe {
    /// The name itself: exact matching answers.
    Exact,
    /// Another name that the knowledge base knows.
    Alias,
    Case,
    Diacritics,
    Edit,
    /// As `Case`, asked for in a mode whose tier is not there.
    Fallback,
    /// A word that is nobody's name.
    Unknown,
    /// Another name, which the tier is not told for this request.
    HeldBackAlias,
    /// The name of an entity that is hidden for this request, so that nothing may be found.
    HeldBackName,
}

impl Recipe {
    fn name(self) -> &'static str {
        match self {
            Recipe::Exact => "exact",
            Recipe::Alias => "alias",
            Recipe::Case => "case",
            Recipe::Diacritics => "diacritics",
            Recipe::Edit => "edit",
            Recipe::Fallback => "fallback",
            Recipe::Unknown => "unknown",
            Recipe::HeldBackAlias => "held_back",
            Recipe::HeldBackName => "hidden",
        }
    }

    fn of(suite: SuiteKind) -> &'static [Recipe] {
        use Recipe::{Alias, Case, Diacritics, Edit, Exact, Fallback, HeldBackAlias, HeldBackName, Unknown};
        match suite {
            SuiteKind::Unit => &[Alias, Case, Diacritics, Edit],
            SuiteKind::Integration => &[Exact, Alias, Case, Edit, Fallback, Unknown],
            SuiteKind::Performance => &[Alias, Case, Diacritics, Edit],
            SuiteKind::Acceptance => &[Alias, HeldBackAlias, Case, Diacritics, Edit, HeldBackName],
        }
    }
}

/// Rows of a suite, at most `rows`, all different.
pub fn generate(suite: SuiteKind, entities: &[SampledEntity], seed: u64, rows: usize) -> Vec<Row> {
    let mut random = Seeded::new(seed ^ (suite as u64).rotate_right(8));
    let owners = owners(entities);
    let recipes = Recipe::of(suite);
    let mut made: Vec<Row> = Vec::new();
    let mut asked = BTreeSet::new();
    // Each turn gives every recipe another entity, so that few entities still meet every recipe.
    for turn in 0..entities.len().min(rows) {
        for (place, recipe) in recipes.iter().enumerate() {
            let entity = &entities[(turn + place * entities.len() / recipes.len()) % entities.len()];
            let Some((mention, without)) = mention(*recipe, entity, &mut random) else { continue };
            let is_anothers = owners.get(&noise::fold(&mention)).is_some_and(|owner| **owner != *entity.name);
            if made.len() < rows && !is_anothers && asked.insert((mention.clone(), recipe.name())) {
                made.push(row(suite, *recipe, entity, mention, without, made.len()));
            }
        }
    }
    made
}

/// Whose name or alias each folded text is. The server gives no two entities one folded text.
fn owners(entities: &[SampledEntity]) -> BTreeMap<String, &str> {
    let texts = |entity: &SampledEntity| -> Vec<String> {
        std::iter::once(&entity.name).chain(&entity.aliases).map(|text| noise::fold(text)).collect()
    };
    entities.iter().flat_map(|entity| texts(entity).into_iter().map(|text| (text, &*entity.name))).collect()
}

fn mention(recipe: Recipe, entity: &SampledEntity, random: &mut Seeded) -> Option<(String, Without)> {
    let name = &entity.name;
    let mention = match recipe {
        Recipe::Exact => name.to_string(),
        Recipe::Alias => alias(entity, random, |_| true)?.to_string(),
        Recipe::Case | Recipe::Fallback | Recipe::HeldBackName => noise::case(name, random)?,
        Recipe::Diacritics => noise::diacritics(name)?,
        Recipe::Edit => noise::edit(name, random)?,
        Recipe::Unknown => noise::nonsense(name, random)?,
        Recipe::HeldBackAlias => alias(entity, random, |alias| !noise::is_code(alias))?.to_string(),
    };
    let without = match recipe {
        Recipe::HeldBackAlias => Without { aliases: vec![mention.as_str().into()], ..Without::default() },
        Recipe::HeldBackName => Without { entities: vec![name.clone()], ..Without::default() },
        _ => Without::default(),
    };
    Some((mention, without))
}

fn alias<'e>(
    entity: &'e SampledEntity,
    random: &mut Seeded,
    wanted: fn(&str) -> bool,
) -> Option<&'e Arc<str>> {
    let usable: Vec<&Arc<str>> = entity.aliases.iter().filter(|alias| wanted(alias)).collect();
    usable.get(random.below(usable.len())).copied()
}

fn row(
    suite: SuiteKind,
    recipe: Recipe,
    entity: &SampledEntity,
    mention: String,
    without: Without,
    number: usize,
) -> Row {
    let alone = suite == SuiteKind::Unit;
    let predicate = entity.facts.first().filter(|_| !alone).map(|fact| fact.predicate.clone());
    let mention: Arc<str> = mention.into();
    let query = match entity.part {
        Part::Object => Parts { object: Some(mention), predicate, subject: None },
        Part::Subject | Part::Predicate => Parts { subject: Some(mention), predicate, object: None },
    };
    let finds_nothing = matches!(recipe, Recipe::Unknown | Recipe::HeldBackName);
    Row {
        id: format!("{suite}-{number:04}"),
        kind: recipe.name().to_owned(),
        query,
        text: None,
        predicate: None,
        mode: (recipe == Recipe::Fallback).then_some(Mode::ResearchGrade),
        without,
        entity: alone.then(|| entity.name.clone()),
        expect: if alone || finds_nothing { Vec::new() } else { entity.facts.clone() },
    }
}

#[cfg(test)]
mod tests {
    use find_facts_core::Fact;

    use super::*;

    fn entities(n: usize) -> Vec<SampledEntity> {
        (0..n)
            .map(|i| {
                let name: Arc<str> =
                    format!("Köln am Rheine {}", "abcdefghij".repeat(1 + i % 3).split_at(i % 10).0).into();
                let name: Arc<str> = format!("{name}{}", char::from(b'a' + (i / 26) as u8)).into();
                SampledEntity {
                    facts: vec![Fact::new(name.clone(), "country", "Germany")],
                    aliases: vec![format!("Cologne number {i}").into(), "CGN".into()],
                    part: Part::Subject,
                    wordings: Vec::new(),
                    name,
                }
            })
            .collect()
    }

    fn kinds(suite: SuiteKind) -> BTreeMap<String, usize> {
        let mut kinds = BTreeMap::new();
        for row in generate(suite, &entities(60), 1, 120) {
            *kinds.entry(row.kind).or_default() += 1;
        }
        kinds
    }

    #[test]
    fn the_same_seed_gives_the_same_rows_and_another_gives_others() {
        for suite in SuiteKind::ALL {
            let make = |seed| generate(suite, &entities(50), seed, 80);
            assert_eq!(make(1), make(1));
            assert_ne!(make(1), make(2));
        }
    }

    #[test]
    fn every_kind_of_noise_takes_its_turn() {
        assert_eq!(
            kinds(SuiteKind::Unit).into_keys().collect::<Vec<_>>(),
            ["alias", "case", "diacritics", "edit"]
        );
        assert_eq!(
            kinds(SuiteKind::Acceptance).into_keys().collect::<Vec<_>>(),
            ["alias", "case", "diacritics", "edit", "held_back", "hidden"]
        );
    }

    #[test]
    fn only_acceptance_holds_names_back_and_never_codes() {
        for suite in SuiteKind::ALL {
            for row in generate(suite, &entities(60), 3, 200) {
                let held_back = matches!(row.kind.as_str(), "held_back" | "hidden");
                assert_eq!(!row.without.is_empty(), held_back, "{row:?}");
                assert!(!held_back || suite == SuiteKind::Acceptance, "{row:?}");
                assert!(!row.without.aliases.iter().any(|alias| &**alias == "CGN"));
            }
        }
    }

    #[test]
    fn a_unit_row_gives_the_mention_alone_and_expects_its_entity() {
        for row in generate(SuiteKind::Unit, &entities(40), 1, 40) {
            assert!(
                row.entity.is_some() && row.query.predicate.is_none() && row.expect.is_empty(),
                "{row:?}"
            );
        }
    }

    #[test]
    fn no_row_reads_as_the_name_of_another_entity() {
        let mut entities = entities(2);
        entities[0].name = "Mikado".into();
        entities[1].aliases = vec!["MIKADO".into()];
        for seed in 0..20 {
            for row in generate(SuiteKind::Unit, &entities, seed, 40) {
                let mention = row.query.subject.unwrap();
                assert!(
                    noise::fold(&mention) != "mikado" || row.entity != Some("Mikado".into()),
                    "{mention}"
                );
            }
        }
    }

    #[test]
    fn a_knowledge_base_without_entities_gives_no_rows() {
        assert_eq!(generate(SuiteKind::Unit, &[], 1, 100), []);
    }
}
