//! Questions that people wrote: the rows of a suite's file, as a caller can ask them. What a row expects is what the suite
//! expects: one of its facts first, or nothing.

use std::path::{Path, PathBuf};

use find_facts_rollout::suite::{Row, RowFault, parse_rows};
use serde_json::json;

use crate::mix::Kind;
use crate::pool::{Expected, Query};

/// Why a file gives no questions.
#[derive(Debug, thiserror::Error)]
pub enum QuestionsError {
    /// The file cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A line is no row of a suite.
    #[error(transparent)]
    Row(#[from] RowFault),
    /// A row that only an operator can ask or judge.
    #[error(
        "row `{id}` of `{path}` is for operators; accepted: `text` or `query`, and `expect`, without `{member}`"
    )]
    Operators {
        /// The file.
        path: PathBuf,
        /// The row.
        id: String,
        /// What the public listener does not have.
        member: &'static str,
    },
}

/// The rows of a file, as queries of kind `question`.
pub fn read_questions(path: &Path) -> Result<Vec<Query>, QuestionsError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| QuestionsError::Read { path: path.to_owned(), source })?;
    parse_rows(&path.display().to_string(), &text)?
        .into_iter()
        .map(|row| match operators_member(&row) {
            Some(member) => Err(QuestionsError::Operators { path: path.to_owned(), id: row.id, member }),
            None => Ok(question(row)),
        })
        .collect()
}

/// What a row has that callers cannot send, or whose outcome they cannot judge.
fn operators_member(row: &Row) -> Option<&'static str> {
    let members = [
        ("mode", row.mode.is_some()),
        ("without", !row.without.is_empty()),
        ("entity", row.entity.is_some()),
        ("predicate", row.predicate.is_some()),
    ];
    members.into_iter().find_map(|(member, there)| there.then_some(member))
}

fn question(row: Row) -> Query {
    let asked = match &row.text {
        Some(text) => json!({ "text": text }),
        None => json!(row.query),
    };
    Query {
        kind: Kind::Question,
        body: json!({ "query": asked }).to_string(),
        frozen: row.text.is_none(),
        expected: if row.expect.is_empty() { Expected::Nothing } else { Expected::FirstOf(row.expect) },
    }
}

#[cfg(test)]
mod tests {
    use find_facts_core::Fact;

    use super::*;

    const QUESTION: &str = r#"{"id":"1","kind":"question","text":"What is Peru's capital?","expect":[{"subject":"Peru","predicate":"capital","object":"Lima"}]}"#;
    const WORDING: &str = r#"{"id":"2","kind":"wording","query":{"subject":"Peru","predicate":"king"}}"#;

    fn check(rows: &[&str], expected: Result<&[(&str, bool, Expected)], &str>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.jsonl");
        std::fs::write(&path, rows.join("\n")).unwrap();
        let read = read_questions(&path);
        match expected {
            Ok(expected) => {
                let queries = read.unwrap();
                // The order of keys is as written only where a library of the program keeps it.
                let value = |body: &str| serde_json::from_str::<serde_json::Value>(body).unwrap();
                let found: Vec<_> =
                    queries.iter().map(|q| (value(&q.body), q.frozen, q.expected.clone())).collect();
                let expected: Vec<_> = expected
                    .iter()
                    .map(|(body, frozen, facts)| (value(body), *frozen, facts.clone()))
                    .collect();
                assert_eq!(found, expected);
            }
            Err(expected) => {
                let error = read.unwrap_err().to_string();
                assert!(error.contains(expected), "{error}");
            }
        }
    }

    #[test]
    fn a_row_becomes_the_request_of_a_caller() {
        let lima = Expected::FirstOf(vec![Fact::new("Peru", "capital", "Lima")]);
        check(
            &[QUESTION, WORDING],
            Ok(&[
                (r#"{"query":{"text":"What is Peru's capital?"}}"#, false, lima),
                (r#"{"query":{"predicate":"king","subject":"Peru"}}"#, true, Expected::Nothing),
            ]),
        );
    }

    #[test]
    fn what_callers_cannot_ask_is_refused_by_name() {
        let hidden = WORDING.replace(r#""query""#, r#""without":{"wordings":["king"]},"query""#);
        check(&[QUESTION, &hidden], Err("row `2` of"));
        let judged = WORDING.replace(r#""query""#, r#""predicate":"capital","query""#);
        check(&[&judged], Err("without `predicate`"));
    }

    #[test]
    fn a_line_that_is_no_row_is_named() {
        check(&[QUESTION, "{}"], Err("line 2"));
    }
}
