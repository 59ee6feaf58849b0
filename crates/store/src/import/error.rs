//! What can be wrong with a source file, down to the line.

use std::fmt;
use std::path::PathBuf;

use find_facts_core::fact::InvalidDate;
use oxttl::TurtleSyntaxError;

use crate::strings::TooLarge;
use crate::text::InvalidName;

/// A line that could not be understood.
#[derive(Debug)]
pub struct BadLine {
    /// The file.
    pub file: PathBuf,
    /// The line's number, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: LineError,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` line {}: {}", self.file.display(), self.line, self.reason)
    }
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Its bytes are no text.
    #[error("not UTF-8")]
    NotUtf8,
    /// It has too few or too many columns.
    #[error("{found} tab-separated columns, expected {expected}")]
    Columns {
        /// How many it has.
        found: usize,
        /// How many are accepted, and of what.
        expected: &'static str,
    },
    /// A name is none.
    #[error("the {what} {reason}")]
    Name {
        /// Which one.
        what: &'static str,
        /// What is wrong with it.
        reason: InvalidName,
    },
    /// A bound of the validity is no date.
    #[error("the {bound} of the validity: {reason}")]
    Date {
        /// Start or end.
        bound: &'static str,
        /// What is wrong with it.
        reason: InvalidDate,
    },
    /// The validity is over before it begins.
    #[error("the validity ends before it starts")]
    EndsBeforeStart,
    /// It is no JSON, or not of the known keys and types.
    #[error("{0}")]
    Json(#[source] serde_json::Error),
    /// Its keys do not make a fact or an alias.
    #[error(
        "expected the keys `subject`, `predicate`, `object` and optionally `start`, `end`; or `entity`, `alias`; \
         or `predicate`, `alias`"
    )]
    Keys,
    /// It is no statement of N-Triples.
    #[error("{}", .0.message())]
    NTriples(#[source] TurtleSyntaxError),
    /// There are too many facts.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// Why source files could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A line cannot be understood, and bad lines are not skipped.
    #[error("{0}")]
    BadLine(Box<BadLine>),
    /// A file cannot be read.
    #[error("cannot read `{}`", file.display())]
    File {
        /// Which one.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There are too many facts in all of them.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

impl ReadError {
    /// Its page under `docs/errors/`, where it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::BadLine(_) => Some("kb-bad-line"),
            Self::File { .. } | Self::TooLarge(_) => None,
        }
    }
}
