//! A row of a suite, and the JSON Lines files that hold them.

use std::sync::Arc;

use find_facts_core::{Expansion, Fact, Link, Mode, Parts, Without};
use serde::{Deserialize, Serialize};

/// A query and what it has to find. A row expects an entity or a predicate (unit), or facts, of which none means that nothing
/// may be found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Names the row in reports.
    pub id: String,
    /// What makes its mention differ from the name in the facts, such as `case` or `alias`; floors go by it.
    pub kind: String,
    /// The parts given.
    #[serde(default, skip_serializing_if = "Parts::is_empty")]
    pub query: Parts,
    /// A plain question, instead of parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Arc<str>>,
    /// The mode to ask for; the tier's own where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Names to act as if unknown.
    #[serde(default, skip_serializing_if = "Without::is_empty")]
    pub without: Without,
    /// The entity that the mention has to be linked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<Arc<str>>,
    /// The predicate that the wording has to be taken for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicate: Option<Arc<str>>,
    /// Any of these has to come first; where empty and neither an entity nor a predicate is expected, nothing may come.
    #[serde(default)]
    pub expect: Vec<Fact>,
}

impl Row {
    /// Whether nothing may be found.
    pub fn expects_nothing(&self) -> bool {
        self.entity.is_none() && self.predicate.is_none() && self.expect.is_empty()
    }

    /// Whether an answer is right, as the project's evaluation counts it: the first fact is one of those expected, and
    /// where nothing is expected nothing is returned. Where the row is about an entity or a predicate, the first that the
    /// answer understood decides.
    pub fn is_met_by(&self, first: First<'_>) -> bool {
        match (&self.entity, &self.predicate) {
            (Some(entity), _) => first.link.is_some_and(|link| link.entity == *entity),
            (None, Some(predicate)) => first.expansion.is_some_and(|found| found.predicate == *predicate),
            (None, None) => match first.fact {
                Some(fact) => self.expect.contains(fact),
                None => self.expects_nothing(),
            },
        }
    }
}

/// What stands first in an answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct First<'a> {
    /// Of the facts.
    pub fact: Option<&'a Fact>,
    /// Of the entities that it was linked to.
    pub link: Option<&'a Link>,
    /// Of the predicates that its wording was taken for.
    pub expansion: Option<&'a Expansion>,
}

/// What is wrong with a suite's file.
#[derive(Debug, thiserror::Error)]
pub enum RowFault {
    /// A line is no row.
    #[error("`{file}` line {line}: no row of a suite")]
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// Nothing stands in it, and a suite that asks nothing would show nothing.
    #[error("`{file}` has no row of a suite; accepted: one or more, each a line of JSON")]
    Empty {
        /// The file.
        file: String,
    },
}

/// The rows of a file, at least one; empty lines are skipped.
pub fn parse_rows(file: &str, text: &str) -> Result<Vec<Row>, RowFault> {
    let rows: Vec<Row> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            let fault = |source| RowFault::Line { file: file.to_owned(), line: index + 1, source };
            serde_json::from_str(line).map_err(fault)
        })
        .collect::<Result<_, _>>()?;
    if rows.is_empty() { Err(RowFault::Empty { file: file.to_owned() }) } else { Ok(rows) }
}

#[cfg(test)]
mod tests {
    use find_facts_core::finder::LinkMeans;
    use find_facts_core::{Direction, ExpansionMeans, Part};

    use super::*;

    const FACT: &str = r#"{"id":"1","kind":"case","query":{"subject":"angola"},
        "expect":[{"subject":"Angola","predicate":"capital","object":"Luanda"}]}"#;
    const NOTHING: &str = r#"{"id":"2","kind":"unknown","query":{"subject":"Xyz"}}"#;
    const ENTITY: &str = r#"{"id":"3","kind":"edit","query":{"subject":"Angla"},"entity":"Angola"}"#;
    const PREDICATE: &str =
        r#"{"id":"4","kind":"wording","query":{"predicate":"seat"},"predicate":"capital"}"#;

    fn row(text: &str) -> Row {
        serde_json::from_str(text).unwrap()
    }

    fn check(text: &str, object: Option<&str>, linked: Option<&str>, expected: bool) {
        let fact = object.map(|object| Fact::new("Angola", "capital", object));
        let link = linked.map(|entity| Link {
            part: Part::Subject,
            given: "x".into(),
            entity: entity.into(),
            confidence: 1.0,
            by: LinkMeans::Edit,
        });
        let first = First { fact: fact.as_ref(), link: link.as_ref(), expansion: None };
        assert_eq!(row(text).is_met_by(first), expected, "{text} {first:?}");
    }

    #[test]
    fn the_first_fact_decides() {
        check(FACT, Some("Luanda"), None, true);
        check(FACT, Some("Lisbon"), None, false);
        check(FACT, None, None, false);
    }

    #[test]
    fn where_nothing_is_expected_only_nothing_is_right() {
        check(NOTHING, None, None, true);
        check(NOTHING, Some("Luanda"), None, false);
    }

    #[test]
    fn where_an_entity_is_expected_the_link_decides() {
        check(ENTITY, None, Some("Angola"), true);
        check(ENTITY, Some("Luanda"), Some("Andorra"), false);
        check(ENTITY, Some("Luanda"), None, false);
    }

    #[test]
    fn where_a_predicate_is_expected_the_expansion_decides() {
        for (predicate, expected) in [("capital", true), ("area", false)] {
            let expansion = Expansion {
                given: "seat".into(),
                predicate: predicate.into(),
                direction: Direction::Forward,
                confidence: 1.0,
                by: ExpansionMeans::Wording,
            };
            let first = First { expansion: Some(&expansion), ..First::default() };
            assert_eq!(row(PREDICATE).is_met_by(first), expected, "{predicate}");
        }
        assert!(!row(PREDICATE).is_met_by(First::default()));
    }
}
