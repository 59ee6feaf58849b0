//! Golden probes: queries whose answers are known. From a file, or made from the knowledge base itself: another name of an
//! entity or its name in other case, and another wording of a relation.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use find_facts_api::admin::SampledEntity;
use find_facts_api::suite::{First, Row, RowFault, parse_rows};
use find_facts_core::{Fact, FinderAnswer, Mode, Part, Parts, Tier};
use find_facts_service::{DEFAULT_LIMIT, FindFactsRequest, MAX_LIMIT, Query};

/// The kind of a probe that words a relation in another way.
const WORDING: &str = "wording";

/// A query whose answer is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Probe {
    pub(super) row: Row,
    /// The mode of the tier that it is for.
    pub(super) mode: Mode,
    /// The exact query that says now what is expected; of a row out of a file none.
    canonical: Option<Parts>,
}

/// Why golden probes cannot be taken from a file.
#[derive(Debug, thiserror::Error)]
pub enum GoldenFault {
    /// It cannot be read.
    #[error("`quality.golden`: cannot read `{}`", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A line of it is no row.
    #[error("`quality.golden`")]
    Row(#[from] RowFault),
    /// A row is for no tier, or asks nothing.
    #[error(
        "`quality.golden`: row `{id}` of `{}` {what}; accepted are `query` or `text`, and as `mode` entity_linked, \
         semantic_expanded or research_grade",
        file.display()
    )]
    NotForATier {
        /// The file.
        file: PathBuf,
        /// The row.
        id: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// The probes for a tier: those for it, else those for one below.
pub(super) fn of(probes: &[Probe], tier: Tier) -> Vec<&Probe> {
    let modes = Tier::ALL.into_iter().rev().filter(|below| *below <= tier).map(Tier::mode);
    let of_each = modes.map(|mode| probes.iter().filter(|probe| probe.mode == mode).collect::<Vec<_>>());
    of_each.into_iter().find(|probes| !probes.is_empty()).unwrap_or_default()
}

/// The probes of a file.
pub(super) fn read(file: &Path) -> Result<Vec<Probe>, GoldenFault> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| GoldenFault::Read { file: file.to_owned(), source })?;
    let rows = parse_rows(&file.display().to_string(), &text)?;
    rows.into_iter().map(|row| given(file, row)).collect()
}

fn given(file: &Path, row: Row) -> Result<Probe, GoldenFault> {
    let not = |id: &str, what| GoldenFault::NotForATier { file: file.to_owned(), id: id.to_owned(), what };
    match (&row.text, row.query.is_empty()) {
        (None, true) => return Err(not(&row.id, "asks nothing")),
        (Some(_), false) => return Err(not(&row.id, "has both a query and a text")),
        _ => {}
    }
    let needs_tier2 = row.text.is_some() || row.predicate.is_some() || !row.without.wordings.is_empty();
    let lowest = if needs_tier2 { Mode::SemanticExpanded } else { Mode::EntityLinked };
    match row.mode.unwrap_or(lowest) {
        Mode::Exact | Mode::FuzzyRanked => Err(not(&row.id, "names a mode that is no tier's own")),
        mode => Ok(Probe { row, mode, canonical: None }),
    }
}

/// Probes from a sample of the knowledge base.
pub(super) fn made(entities: &[SampledEntity]) -> Vec<Probe> {
    let of_each = entities.iter().enumerate().map(|(number, entity)| {
        let other = other_name(number, entity).map(|(kind, name)| {
            let query =
                parts(entity.part, name, entity.facts.first().map(|fact| Arc::clone(&fact.predicate)));
            made_probe(format!("golden-{number:04}-{kind}"), kind, query, entity, Mode::EntityLinked)
        });
        let wording = entity.wordings.get(number % entity.wordings.len().max(1)).map(|wording| {
            let query = parts(entity.part, Arc::clone(&entity.name), Some(Arc::clone(wording)));
            made_probe(
                format!("golden-{number:04}-wording"),
                "wording",
                query,
                entity,
                Mode::SemanticExpanded,
            )
        });
        [other, wording]
    });
    of_each.flatten().flatten().collect()
}

fn made_probe(id: String, kind: &str, query: Parts, entity: &SampledEntity, mode: Mode) -> Probe {
    let row = Row {
        id,
        kind: kind.to_owned(),
        query,
        text: None,
        mode: None,
        without: Default::default(),
        entity: None,
        predicate: None,
        expect: entity.facts.clone(),
    };
    let predicate = entity.facts.first().map(|fact| Arc::clone(&fact.predicate));
    Probe { row, mode, canonical: Some(parts(entity.part, Arc::clone(&entity.name), predicate)) }
}

/// Aliases and names in other case in turn, where there are aliases.
fn other_name(number: usize, entity: &SampledEntity) -> Option<(&'static str, Arc<str>)> {
    let alias = || entity.aliases.get(number / 2 % entity.aliases.len().max(1)).cloned();
    if number.is_multiple_of(2)
        && let Some(alias) = alias()
    {
        return Some(("alias", alias));
    }
    // Capitals last: those of a short name may be a code.
    let turned = [entity.name.to_lowercase(), entity.name.to_uppercase()];
    // Letters that change their number with their case, such as ß, do not come back.
    let same_word =
        |turned: &String| **turned != *entity.name && turned.to_lowercase() == entity.name.to_lowercase();
    let turned = turned.into_iter().find(same_word);
    turned.map(|name| ("case", name.into())).or_else(|| alias().map(|alias| ("alias", alias)))
}

fn parts(part: Part, name: Arc<str>, predicate: Option<Arc<str>>) -> Parts {
    match part {
        Part::Object => Parts { object: Some(name), predicate, subject: None },
        Part::Subject | Part::Predicate => Parts { subject: Some(name), predicate, object: None },
    }
}

impl Probe {
    /// The request of it.
    pub(super) fn request(&self) -> FindFactsRequest {
        let query = match &self.row.text {
            Some(text) => Query::Text(Arc::clone(text)),
            None => Query::Parts(self.row.query.clone()),
        };
        FindFactsRequest { query, limit: DEFAULT_LIMIT, mode: None, min_confidence: None }
    }

    /// The exact query of which the facts are expected, where the probe was made from the knowledge base.
    pub(super) fn canonical(&self) -> Option<FindFactsRequest> {
        let query = Query::Parts(self.canonical.clone()?);
        Some(FindFactsRequest { query, limit: MAX_LIMIT, mode: None, min_confidence: None })
    }

    /// The exact query of a wording the other way round. Where that finds facts too, either direction is right.
    pub(super) fn mirrored(&self) -> Option<FindFactsRequest> {
        let Parts { subject, predicate, object } =
            self.canonical.clone().filter(|_| self.row.kind == WORDING)?;
        let query = Query::Parts(Parts { subject: object, predicate, object: subject });
        Some(FindFactsRequest { query, limit: 1, mode: None, min_confidence: None })
    }

    /// Whether this is the right answer.
    pub(super) fn is_met_by(&self, answer: &FinderAnswer) -> bool {
        self.row.is_met_by(First {
            fact: answer.facts.first().map(|ranked| &ranked.fact),
            link: answer.linked.first(),
            expansion: answer.expanded.first(),
        })
    }

    /// What is asked, in a few words.
    pub(super) fn asked(&self) -> String {
        match &self.row.text {
            Some(text) => text.to_string(),
            None => {
                let Parts { subject, predicate, object } = &self.row.query;
                let part = |part: &Option<Arc<str>>| part.as_deref().unwrap_or("?").to_owned();
                [part(subject), part(predicate), part(object)].join(" | ")
            }
        }
    }

    /// What would be right, in a few words.
    pub(super) fn expected(&self) -> String {
        let row = &self.row;
        match (&row.entity, &row.predicate) {
            (Some(entity), _) => format!("the entity {entity}"),
            (None, Some(predicate)) => format!("the relation {predicate}"),
            (None, None) => row.expect.first().map_or_else(|| "nothing".to_owned(), in_words),
        }
    }
}

/// A fact in a line.
pub(super) fn in_words(fact: &Fact) -> String {
    format!("{} | {} | {}", fact.subject, fact.predicate, fact.object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(name: &str, aliases: &[&str], wordings: &[&str]) -> SampledEntity {
        let texts = |texts: &[&str]| texts.iter().map(|text| Arc::from(*text)).collect();
        SampledEntity {
            name: name.into(),
            aliases: texts(aliases),
            part: Part::Subject,
            facts: vec![Fact::new(name, "capital", "Luanda")],
            wordings: texts(wordings),
        }
    }

    #[test]
    fn other_names_and_wordings_take_turns() {
        let sample = [
            entity("Angola", &["Republic of Angola"], &["seat of government"]),
            entity("Peru", &["Republic of Peru"], &[]),
            entity("Chad", &[], &[]),
            entity("1984", &[], &[]),
        ];
        let made: Vec<String> = made(&sample).iter().map(Probe::asked).collect();
        let expected = [
            "Republic of Angola | capital | ?",
            "Angola | seat of government | ?",
            "peru | capital | ?",
            "chad | capital | ?",
        ];
        assert_eq!(made, expected);
    }

    fn check(row: &str, expected: Result<Mode, &str>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("golden.jsonl");
        std::fs::write(&file, row).unwrap();
        match (read(&file), expected) {
            (Ok(probes), Ok(mode)) => assert_eq!(probes[0].mode, mode, "{row}"),
            (Err(fault), Err(text)) => {
                let said = crate::http::chain(&fault);
                assert!(said.contains(text), "{row}: {said}");
            }
            (read, _) => panic!("{row}: {read:?}"),
        }
    }

    #[test]
    fn a_row_of_a_file_is_asked_of_the_tiers_that_understand_it() {
        check(r#"{"id":"1","kind":"case","query":{"subject":"x"}}"#, Ok(Mode::EntityLinked));
        check(r#"{"id":"1","kind":"plain","text":"Where is x?"}"#, Ok(Mode::SemanticExpanded));
        let wording = r#"{"id":"1","kind":"wording","query":{"predicate":"seat"},"predicate":"capital"}"#;
        check(wording, Ok(Mode::SemanticExpanded));
        let named = r#"{"id":"1","kind":"k","query":{"subject":"x"},"mode":"semantic_expanded"}"#;
        check(named, Ok(Mode::SemanticExpanded));
        check(r#"{"id":"1","kind":"k","query":{"subject":"x"},"mode":"exact"}"#, Err("no tier's own"));
        check(r#"{"id":"1","kind":"k"}"#, Err("row `1` of"));
        check(r#"{"id":"1","kind":"k","query":{"subject":"x"},"text":"y"}"#, Err("both a query and a text"));
        check("{", Err("line 1: no row of a suite"));
        check("", Err("has no row of a suite"));
    }
}
