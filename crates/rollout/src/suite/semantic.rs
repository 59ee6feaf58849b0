//! Suites of Tier 2 made from the knowledge base: wordings of its predicates and plain questions by template, about its own
//! entities. The same sample and seed give the same rows. Only acceptance holds wordings back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use find_facts_analysis::Seeded;
use find_facts_api::admin::SampledEntity;
use find_facts_core::{Mode, Part, Parts, Without};

use super::wording::{form, words};
use super::{Row, SuiteKind, noise};

/// How a row comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recipe {
    /// Name and predicate as they are: exact matching answers.
    Exact,
    /// Another wording that the knowledge base knows.
    Wording,
    /// The predicate's words written in another way.
    Form,
    /// A plain question.
    Question,
    /// As `Wording`, asked for in a mode whose tier is not there.
    Fallback,
    /// A word that is no relation's.
    Unknown,
    /// Another wording, which the tier is not told for this request.
    HeldBack,
    /// A question about an entity that is hidden for this request, so that nothing may be found.
    Hidden,
}

impl Recipe {
    fn name(self) -> &'static str {
        match self {
            Recipe::Exact => "exact",
            Recipe::Wording => "wording",
            Recipe::Form => "form",
            Recipe::Question => "question",
            Recipe::Fallback => "fallback",
            Recipe::Unknown => "unknown",
            Recipe::HeldBack => "held_back",
            Recipe::Hidden => "hidden",
        }
    }

    fn of(suite: SuiteKind) -> &'static [Recipe] {
        use Recipe::{Exact, Fallback, Form, HeldBack, Hidden, Question, Unknown, Wording};
        match suite {
            SuiteKind::Unit => &[Wording, Form],
            SuiteKind::Integration => &[Exact, Wording, Form, Question, Fallback, Unknown],
            SuiteKind::Performance => &[Wording, Form, Question],
            // Rows that expect nothing are right in exact mode too, so that too many of them leave no improvement to show.
            SuiteKind::Acceptance => {
                &[Wording, HeldBack, Question, Form, Question, Form, Hidden, Wording, Question, Unknown]
            }
        }
    }
}

/// What a row asks beside its entity.
enum Asked {
    /// Entity and wording as parts.
    Wording(String),
    /// A question that names both.
    Question(String),
}

/// Rows of a suite, at most `rows`, all different.
pub fn generate_semantic(suite: SuiteKind, entities: &[SampledEntity], seed: u64, rows: usize) -> Vec<Row> {
    let mut random = Seeded::new(seed ^ (suite as u64).rotate_right(8));
    let owners = owners(entities);
    let recipes = Recipe::of(suite);
    let mut made: Vec<Row> = Vec::new();
    let mut asked = BTreeSet::new();
    // Each turn gives every recipe another entity, so that few entities still meet every recipe.
    for turn in 0..entities.len().min(rows) {
        for (place, recipe) in recipes.iter().enumerate() {
            let entity = &entities[(turn + place * entities.len() / recipes.len()) % entities.len()];
            let Some(predicate) = entity.facts.first().map(|fact| &fact.predicate) else { continue };
            let Some(ask) = ask(*recipe, entity, predicate, &mut random) else { continue };
            let (Asked::Wording(text) | Asked::Question(text)) = &ask;
            // A wording of two relations says of neither that it was meant.
            let is_anothers = owners.get(&noise::fold(text)).is_some_and(|owner| *owner != &**predicate);
            let is_new = !is_anothers && made.len() < rows;
            if is_new && asked.insert((entity.name.clone(), text.clone(), recipe.name())) {
                made.push(row(suite, *recipe, entity, predicate, ask, made.len()));
            }
        }
    }
    made
}

/// Whose name or wording each folded text is; of several, the first one's, so that the others do not use it.
fn owners(entities: &[SampledEntity]) -> BTreeMap<String, &str> {
    let mut owners = BTreeMap::new();
    for entity in entities {
        let Some(predicate) = entity.facts.first().map(|fact| &*fact.predicate) else { continue };
        owners.insert(noise::fold(predicate), predicate);
    }
    for entity in entities {
        let Some(predicate) = entity.facts.first().map(|fact| &*fact.predicate) else { continue };
        for wording in &entity.wordings {
            owners.entry(noise::fold(wording)).or_insert(predicate);
        }
    }
    owners
}

fn ask(recipe: Recipe, entity: &SampledEntity, predicate: &str, random: &mut Seeded) -> Option<Asked> {
    let wording = |random: &mut Seeded| {
        entity.wordings.get(random.below(entity.wordings.len())).map(ToString::to_string)
    };
    Some(match recipe {
        Recipe::Exact => Asked::Wording(predicate.to_owned()),
        Recipe::Wording | Recipe::Fallback | Recipe::HeldBack => Asked::Wording(wording(random)?),
        Recipe::Form => Asked::Wording(form(predicate, random)?),
        Recipe::Unknown => Asked::Wording(noise::nonsense(predicate, random)?),
        Recipe::Question | Recipe::Hidden => Asked::Question(question(entity, predicate, random)?),
    })
}

/// A question for the other side of the entity's facts. Templates that ask for a subject would need to know what kind of
/// thing it is, so only entities that are subjects are asked about.
fn question(entity: &SampledEntity, predicate: &str, random: &mut Seeded) -> Option<String> {
    let words = words(predicate).join(" ");
    if entity.part != Part::Subject || words.is_empty() {
        return None;
    }
    let name = &entity.name;
    Some(match random.below(3) {
        0 => format!("What is the {words} of {name}?"),
        1 => format!("What is {name}'s {words}?"),
        _ => format!("Tell me the {words} of {name}."),
    })
}

fn row(
    suite: SuiteKind,
    recipe: Recipe,
    entity: &SampledEntity,
    predicate: &Arc<str>,
    ask: Asked,
    number: usize,
) -> Row {
    let alone = suite == SuiteKind::Unit;
    let finds_nothing = matches!(recipe, Recipe::Unknown | Recipe::Hidden);
    let (mut query, mut text, mut without) = (Parts::default(), None, Without::default());
    match ask {
        Asked::Question(question) => text = Some(question.into()),
        Asked::Wording(wording) => {
            if recipe == Recipe::HeldBack {
                without.wordings.push(wording.as_str().into());
            }
            query.predicate = Some(wording.into());
            match entity.part {
                Part::Object => query.object = Some(entity.name.clone()),
                Part::Subject | Part::Predicate => query.subject = Some(entity.name.clone()),
            }
        }
    }
    if recipe == Recipe::Hidden {
        without.entities.push(entity.name.clone());
    }
    Row {
        id: format!("{suite}-{number:04}"),
        kind: recipe.name().to_owned(),
        query,
        text,
        mode: (recipe == Recipe::Fallback).then_some(Mode::ResearchGrade),
        without,
        entity: None,
        predicate: alone.then(|| predicate.clone()),
        expect: if alone || finds_nothing { Vec::new() } else { entity.facts.clone() },
    }
}

#[cfg(test)]
mod tests {
    use find_facts_core::Fact;

    use super::*;

    fn entities(n: usize) -> Vec<SampledEntity> {
        let relations =
            [("place_of_birth", "birthplace"), ("author", "written by"), ("capital", "seat of government")];
        (0..n)
            .map(|i| {
                let (predicate, wording) = relations[i % relations.len()];
                let name: Arc<str> = format!("Entity {i}").into();
                SampledEntity {
                    facts: vec![Fact::new(name.clone(), predicate, "something")],
                    aliases: Vec::new(),
                    part: if i % 4 == 3 { Part::Object } else { Part::Subject },
                    wordings: vec![wording.into()],
                    name,
                }
            })
            .collect()
    }

    fn kinds(suite: SuiteKind) -> Vec<String> {
        let rows = generate_semantic(suite, &entities(60), 1, 120);
        rows.into_iter().map(|row| row.kind).collect::<BTreeSet<_>>().into_iter().collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_rows_and_another_gives_others() {
        for suite in SuiteKind::ALL {
            let make = |seed| generate_semantic(suite, &entities(50), seed, 80);
            assert_eq!(make(1), make(1));
            assert_ne!(make(1), make(2));
        }
    }

    #[test]
    fn every_kind_takes_its_turn() {
        assert_eq!(kinds(SuiteKind::Unit), ["form", "wording"]);
        assert_eq!(
            kinds(SuiteKind::Integration),
            ["exact", "fallback", "form", "question", "unknown", "wording"]
        );
        assert_eq!(
            kinds(SuiteKind::Acceptance),
            ["form", "held_back", "hidden", "question", "unknown", "wording"]
        );
    }

    #[test]
    fn only_acceptance_hides_anything_and_a_held_back_wording_is_the_one_asked() {
        for suite in SuiteKind::ALL {
            for row in generate_semantic(suite, &entities(60), 3, 200) {
                let hides = matches!(row.kind.as_str(), "held_back" | "hidden");
                assert_eq!(!row.without.is_empty(), hides, "{row:?}");
                assert!(!hides || suite == SuiteKind::Acceptance, "{row:?}");
                assert!(
                    row.kind != "held_back" || row.query.predicate.as_ref() == row.without.wordings.first()
                );
            }
        }
    }

    #[test]
    fn a_unit_row_expects_its_predicate_and_a_question_has_no_parts() {
        for row in generate_semantic(SuiteKind::Unit, &entities(40), 1, 80) {
            assert!(row.predicate.is_some() && row.expect.is_empty(), "{row:?}");
        }
        for row in generate_semantic(SuiteKind::Acceptance, &entities(40), 1, 80) {
            assert_eq!(row.text.is_some(), row.query.is_empty(), "{row:?}");
            assert!(row.text.is_none() || row.text.as_ref().unwrap().contains("Entity"), "{row:?}");
        }
    }

    #[test]
    fn a_wording_of_two_relations_is_asked_of_neither_but_the_first() {
        let mut entities = entities(2);
        entities[1].wordings = entities[0].wordings.clone();
        for row in generate_semantic(SuiteKind::Unit, &entities, 1, 40) {
            let shared = row.query.predicate.as_deref() == Some("birthplace");
            assert!(!shared || row.predicate.as_deref() == Some("place_of_birth"), "{row:?}");
        }
    }

    #[test]
    fn a_knowledge_base_without_entities_gives_no_rows() {
        assert_eq!(generate_semantic(SuiteKind::Unit, &[], 1, 100), []);
    }
}
