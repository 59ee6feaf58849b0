//! Gold queries as evaluation worlds write them: one JSON object a line.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use find_facts_core::{Fact, FindQuery, Mode, Parts, Without};
use serde::Deserialize;

/// A query and the facts that answer it.
#[derive(Debug, Clone, Deserialize)]
pub struct Gold {
    /// The parts.
    pub query: Parts,
    /// All facts that answer it; none where the right answer is nothing.
    pub expect: Vec<Fact>,
    /// What is odd about the mention.
    pub variation: String,
    /// The entity that is meant.
    pub canonical: Option<String>,
}

/// Reads a file of gold queries.
pub fn read(path: &Path) -> Result<Vec<Gold>> {
    let text = fs::read_to_string(path).with_context(|| format!("reading `{}`", path.display()))?;
    let parse = |(number, line): (usize, &str)| {
        serde_json::from_str(line).with_context(|| format!("`{}`, line {}", path.display(), number + 1))
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(parse).collect()
}

/// A query of parts as a client would ask it.
pub fn query(parts: Parts) -> FindQuery {
    FindQuery {
        parts,
        text: None,
        mode: Mode::EntityLinked,
        limit: 10,
        min_confidence: None,
        without: Without::default(),
        remember: true,
    }
}
