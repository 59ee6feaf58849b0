//! The demo's hand-written questions: a wording that decides is never one that the knowledge base has already.

use std::collections::HashSet;

use serde_json::Value;

use super::build::WORDINGS;
use crate::shell::root;

/// Stands in questions as what a place is ("Which city does …"), not as the relation asked for.
const NOUN: &str = "city";

fn rows() -> Vec<Value> {
    let path = root().join("deploy-plans/demo/questions.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The words that say which relation is meant, beside the entity's name in a question.
fn asked(row: &Value) -> &str {
    row["text"].as_str().or(row["query"]["predicate"].as_str()).unwrap_or_default()
}

/// Whether the words of `wording` stand in `text` one after the other.
fn holds(text: &str, wording: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        parts.map(str::to_lowercase).collect()
    };
    let wording = words(wording);
    words(text).windows(wording.len()).any(|run| run == wording)
}

#[test]
fn a_quarter_of_the_rows_expects_nothing_and_every_row_is_another_one() {
    let rows = rows();
    let of = |kind: &str| rows.iter().filter(|row| row["kind"] == kind).count();
    assert_eq!(["question", "wording", "unanswerable"].map(of), [120, 30, 50]);
    for row in &rows {
        assert_eq!(row["expect"].is_array(), row["kind"] != "unanswerable", "{row}");
        assert_ne!(row["text"].is_string(), row["query"].is_object(), "{row}");
    }
    let different: HashSet<String> =
        rows.iter().map(|row| format!("{}{}", row["text"], row["query"])).collect();
    let ids: HashSet<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!((different.len(), ids.len()), (rows.len(), rows.len()));
}

#[test]
fn no_row_asks_in_a_wording_of_the_knowledge_base() {
    for row in &rows() {
        for [_, wording] in WORDINGS.iter().filter(|[_, wording]| *wording != NOUN) {
            assert!(!holds(asked(row), wording), "`{wording}` in {row}");
        }
        let names_the_predicate =
            WORDINGS.iter().any(|[predicate, _]| row["query"]["predicate"].as_str() == Some(*predicate));
        assert!(!names_the_predicate, "{row}");
    }
}
