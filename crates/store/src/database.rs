//! What can go wrong with a redb file, with the file's name to it.

use std::io;
use std::path::{Path, PathBuf};

use crate::strings::TooLarge;

/// Why a database file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The file itself.
    #[error("cannot use `{}`", file.display())]
    File {
        /// Which one.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The database in it.
    #[error("the database `{}` failed", file.display())]
    Database {
        /// Which one.
        file: PathBuf,
        /// Why.
        #[source]
        source: Box<redb::Error>,
    },
    /// It says things that cannot be.
    #[error("`{}` is damaged: {what}", file.display())]
    Damaged {
        /// Which one.
        file: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// A later program wrote it.
    #[error("`{}` has format {found}, this program knows formats up to {known}", file.display())]
    Newer {
        /// Which one.
        file: PathBuf,
        /// Its format.
        found: u64,
        /// The latest format this program knows.
        known: u64,
    },
    /// There are too many facts.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

impl DatabaseError {
    /// Its page under `docs/errors/`, where it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Database { source, .. } if is_the_disks(source) => None,
            Self::Database { .. } | Self::Damaged { .. } => Some("kb-file-damaged"),
            Self::Newer { .. } => Some("kb-file-newer"),
            Self::File { .. } | Self::TooLarge(_) => None,
        }
    }
}

/// Whether it was the disk that failed, or that is full. Of a file without a database in it redb says that its data is invalid.
fn is_the_disks(error: &redb::Error) -> bool {
    matches!(error, redb::Error::Io(error) if error.kind() != io::ErrorKind::InvalidData)
}

/// What went wrong inside a file whose name the caller knows.
#[derive(Debug)]
pub(crate) enum Fault {
    Database(redb::Error),
    Damaged(&'static str),
    Newer { found: u64, known: u64 },
    TooLarge(TooLarge),
}

impl<E: Into<redb::Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Database(error.into())
    }
}

impl Fault {
    /// The fault as an error of this file.
    pub(crate) fn of(self, file: &Path) -> DatabaseError {
        let file = file.to_owned();
        match self {
            Fault::Database(source) => DatabaseError::Database { file, source: Box::new(source) },
            Fault::Damaged(what) => DatabaseError::Damaged { file, what },
            Fault::Newer { found, known } => DatabaseError::Newer { file, found, known },
            Fault::TooLarge(error) => DatabaseError::TooLarge(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: io::ErrorKind, expected: Option<&str>) {
        let source = Box::new(redb::Error::Io(kind.into()));
        let error = DatabaseError::Database { file: "kb.changes.redb".into(), source };
        assert_eq!(error.code(), expected, "{kind}");
    }

    #[test]
    fn a_full_disk_or_missing_rights_are_no_damage() {
        check(io::ErrorKind::StorageFull, None);
        check(io::ErrorKind::PermissionDenied, None);
        check(io::ErrorKind::InvalidData, Some("kb-file-damaged"));
    }
}
