//! A row of a suite, and the JSON Lines files that hold them.

use std::sync::Arc;

use find_facts_core::{Fact, Mode, Parts, Without};
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
