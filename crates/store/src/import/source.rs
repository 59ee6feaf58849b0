//! Which file holds what: its name says.

use std::path::PathBuf;

/// A file to read, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
}

/// What the lines of a file mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Facts,
    EntityAliases,
    PredicateAliases,
}

impl Source {
    pub(crate) fn new(path: impl Into<PathBuf>, format: Format) -> Self {
        Self { path: path.into(), format }
    }
}

/// The files of a plain folder, and what each holds; the first must be there.
pub(crate) const PLAIN_FILES: [(&str, Format); 3] = [
    ("facts.tsv", Format::Facts),
    ("aliases.tsv", Format::EntityAliases),
    ("predicates.tsv", Format::PredicateAliases),
];
