//! Reading every byte of an entry's files again and holding it against the catalogue.

use std::io;
use std::path::PathBuf;

use crate::catalogue::Entry;
use crate::digest::Digest;
use crate::home::Home;
use crate::locate::present;

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCheck {
    /// Its name in the catalogue.
    pub name: String,
    /// What was found.
    pub finding: Finding,
}

/// What a look at a file found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It is not there, or not in its full size.
    Missing,
    /// It is what the catalogue says.
    Verified {
        /// Its digest.
        sha256: Digest,
    },
    /// It is there, and the catalogue does not say what it should be.
    Unpinned {
        /// Its digest.
        sha256: Digest,
        /// Its size in bytes.
        size: u64,
    },
    /// It is not what the catalogue says.
    Damaged {
        /// Where it is.
        path: PathBuf,
        /// The catalogue's digest.
        expected: Digest,
        /// The file's own.
        found: Digest,
    },
}

/// A file could not be read.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be read", path.display())]
pub struct VerifyError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// Looks at every file of the entry.
pub fn verify(home: &Home, entry: &Entry) -> Result<Vec<FileCheck>, VerifyError> {
    let check = |file| {
        let Some(path) = present(home, entry, file) else { return Ok(Finding::Missing) };
        let unreadable = |source| VerifyError { path: path.clone(), source };
        let found = Digest::of_file(&path).map_err(unreadable)?;
        let size = path.metadata().map_err(unreadable)?.len();
        Ok(match file.sha256 {
            None => Finding::Unpinned { sha256: found, size },
            Some(expected) if expected == found => Finding::Verified { sha256: found },
            Some(expected) => Finding::Damaged { path, expected, found },
        })
    };
    entry.files.iter().map(|file| Ok(FileCheck { name: file.name.clone(), finding: check(file)? })).collect()
}
