//! Rows of a suite: what is asked, and which facts answer it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

/// One row.
pub(crate) struct Row {
    /// The request's `query`.
    pub(crate) query: Value,
    /// A query by subject and predicate that exact matching answers, where the row expects a fact.
    pub(crate) exact: Option<Value>,
}

/// Reads them all.
pub(crate) fn read(path: &Path) -> Result<Vec<Row>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let lines = text.lines().filter(|line| !line.trim().is_empty()).enumerate();
    lines
        .map(|(at, line)| row(line).with_context(|| format!("`{}`, line {}", path.display(), at + 1)))
        .collect()
}

fn row(line: &str) -> Result<Row> {
    let row: Map<String, Value> = serde_json::from_str(line)?;
    let query = match (row.get("text"), row.get("query")) {
        (Some(text), _) => json!({ "text": text }),
        (None, Some(query)) => query.clone(),
        (None, None) => anyhow::bail!("neither `text` nor `query`"),
    };
    let fact = row.get("expect").and_then(|facts| facts.get(0));
    let exact = fact.map(|fact| json!({ "subject": fact["subject"], "predicate": fact["predicate"] }));
    Ok(Row { query, exact })
}
