//! Whether an answer is right, as the project's evaluation counts it: the first fact is one of those expected, and where
//! nothing is expected nothing is returned.

use super::Row;
use crate::ports::Answer;

/// Whether the answer to a row is right.
pub fn is_right(row: &Row, answer: &Answer) -> bool {
    match &row.entity {
        Some(entity) => answer.linked.first().is_some_and(|link| link.entity == *entity),
        None => match answer.facts.first() {
            Some(first) => row.expect.contains(first),
            None => row.expects_nothing(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use find_facts_core::finder::LinkMeans;
    use find_facts_core::{Fact, Link, Part};

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
            digest: String::new(),
            elapsed: Duration::ZERO,
            at_server: None,
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
    fn where_an_entity_is_expected_the_link_decides() {
        check(ENTITY, &[], Some("Angola"), true);
        check(ENTITY, &["Luanda"], Some("Andorra"), false);
        check(ENTITY, &["Luanda"], None, false);
    }
}
