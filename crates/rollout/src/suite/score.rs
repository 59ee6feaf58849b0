//! Whether an answer is right, as the project's evaluation counts it: the first fact is one of those expected, and where
//! nothing is expected nothing is returned.

use super::Row;
use crate::ports::Answer;

/// Whether the answer to a row is right.
pub fn is_right(row: &Row, answer: &Answer) -> bool {
    match (&row.entity, &row.predicate) {
        (Some(entity), _) => answer.linked.first().is_some_and(|link| link.entity == *entity),
        (None, Some(predicate)) => answer.expanded.first().is_some_and(|found| found.predicate == *predicate),
        (None, None) => match answer.facts.first() {
            Some(first) => row.expect.contains(first),
            None => row.expects_nothing(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use find_facts_core::finder::LinkMeans;
    use find_facts_core::{Direction, Expansion, ExpansionMeans, Fact, Link, Part};

    use super::*;

    fn answer(objects: &[&str], linked: Option<&str>) -> Answer {
        let link = |entity: &str| Link {
            part: Part::Subject,
            given: "x".into(),
            entity: entity.into(),
            confidence: 1.0,
            by: LinkMeans::Edit,
        };
        Answer {
            facts: objects.iter().map(|object| Fact::new("Angola", "capital", *object)).collect(),
            linked: linked.map(link).into_iter().collect(),
            expanded: Vec::new(),
            digest: String::new(),
            elapsed: Duration::ZERO,
            at_server: None,
            attempts: Vec::new(),
        }
    }

    fn check(row: &str, objects: &[&str], linked: Option<&str>, expected: bool) {
        let row: Row = serde_json::from_str(row).unwrap();
        assert_eq!(is_right(&row, &answer(objects, linked)), expected, "{row:?} {objects:?} {linked:?}");
    }

    const FACT: &str = r#"{"id":"1","kind":"case","query":{"subject":"angola"},
        "expect":[{"subject":"Angola","predicate":"capital","object":"Luanda"}]}"#;
    const NOTHING: &str = r#"{"id":"2","kind":"unknown","query":{"subject":"Xyz"}}"#;
    const ENTITY: &str = r#"{"id":"3","kind":"edit","query":{"subject":"Angla"},"entity":"Angola"}"#;

    #[test]
    fn the_first_fact_decides() {
        check(FACT, &["Luanda", "Lisbon"], None, true);
        check(FACT, &["Lisbon", "Luanda"], None, false);
        check(FACT, &[], None, false);
    }

    #[test]
    fn where_nothing_is_expected_only_nothing_is_right() {
        check(NOTHING, &[], None, true);
        check(NOTHING, &["Luanda"], None, false);
    }

    #[test]
    fn where_a_predicate_is_expected_the_expansion_decides() {
        let row = r#"{"id":"4","kind":"wording","query":{"predicate":"seat"},"predicate":"capital"}"#;
        let row: Row = serde_json::from_str(row).unwrap();
        for (predicate, expected) in [("capital", true), ("area", false)] {
            let expansion = Expansion {
                given: "seat".into(),
                predicate: predicate.into(),
                direction: Direction::Forward,
                confidence: 1.0,
                by: ExpansionMeans::Wording,
            };
            let found = Answer { expanded: vec![expansion], ..answer(&["Luanda"], None) };
            assert_eq!(is_right(&row, &found), expected, "{predicate}");
        }
        assert!(!is_right(&row, &answer(&["Luanda"], None)));
    }

    #[test]
    fn where_an_entity_is_expected_the_link_decides() {
        check(ENTITY, &[], Some("Angola"), true);
        check(ENTITY, &["Luanda"], Some("Andorra"), false);
        check(ENTITY, &["Luanda"], None, false);
    }
}
