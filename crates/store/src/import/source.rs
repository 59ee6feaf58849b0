//! Which file holds what: its name says.

use std::path::{Path, PathBuf};

use super::ReadError;
use crate::durable;
use crate::image::Digest;

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
    NTriples,
    JsonLines,
}

/// The files of a plain folder, and what each holds; the first must be there.
pub(crate) const PLAIN_FILES: [(&str, Format); 3] = [
    ("facts.tsv", Format::Facts),
    ("aliases.tsv", Format::EntityAliases),
    ("predicates.tsv", Format::PredicateAliases),
];

/// A file whose name does not say what it holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` is of no known kind: expected `….tsv` with facts, `…aliases.tsv`, `…predicates.tsv`, `….nt` or `….jsonl`",
    .0.display()
)]
pub struct UnknownSource(pub PathBuf);

impl Source {
    pub(crate) fn new(path: impl Into<PathBuf>, format: Format) -> Self {
        Self { path: path.into(), format }
    }

    /// The digest of the file's bytes.
    pub(crate) fn digest(&self) -> Result<Digest, ReadError> {
        let failed = |source| ReadError::File { file: self.path.clone(), source };
        durable::digest(&self.path).map_err(failed)
    }

    /// The file, read as its name says.
    pub(crate) fn named(path: &Path) -> Result<Self, UnknownSource> {
        let unknown = || UnknownSource(path.to_owned());
        let name = path.file_name().ok_or_else(unknown)?.to_string_lossy().to_lowercase();
        let (stem, extension) = name.rsplit_once('.').ok_or_else(unknown)?;
        let format = match extension {
            "tsv" if stem.ends_with("aliases") => Format::EntityAliases,
            "tsv" if stem.ends_with("predicates") => Format::PredicateAliases,
            "tsv" => Format::Facts,
            "nt" => Format::NTriples,
            "jsonl" | "ndjson" => Format::JsonLines,
            _ => return Err(unknown()),
        };
        Ok(Self::new(path, format))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Option<Format>) {
        assert_eq!(Source::named(Path::new(path)).ok().map(|source| source.format), expected, "{path}");
    }

    #[test]
    fn the_name_of_a_file_says_what_it_holds() {
        check("facts.tsv", Some(Format::Facts));
        check("dir/airports.TSV", Some(Format::Facts));
        check("city-aliases.tsv", Some(Format::EntityAliases));
        check("predicates.tsv", Some(Format::PredicateAliases));
        check("dump.nt", Some(Format::NTriples));
        check("dump.ndjson", Some(Format::JsonLines));
        check("dump.ttl", None);
        check("facts", None);
        check("..", None);
    }
}
