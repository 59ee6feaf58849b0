//! Reads source files into a `Content`, a line at a time. A line counts as a whole or not at all; a bad one
//! stops the import, or is counted and listed, as the caller wants.

mod lines;
mod source;
mod tsv;

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use find_facts_core::fact::InvalidDate;

use self::lines::Lines;
pub(crate) use self::source::{Format, PLAIN_FILES, Source};
use crate::content::{Added, Content};
use crate::image::Digest;
use crate::progress::{OnProgress, Progress};
use crate::strings::TooLarge;
use crate::text::InvalidName;

/// What to do with a line that cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadLines {
    /// Stop, and change nothing.
    Stop,
    /// Count and list it, and go on.
    Skip,
}

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
    /// There are too many facts.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// Why source files could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A line cannot be understood, and bad lines are not skipped.
    #[error("{0}")]
    BadLine(BadLine),
    /// A file cannot be read.
    #[error("cannot read `{}`", file.display())]
    File {
        /// Which one.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// What reading source files came to.
#[derive(Debug, Default)]
pub struct ReadReport {
    /// Lines with something on them.
    pub lines: u64,
    /// Lines that only repeat what was known.
    pub repeated: u64,
    /// Lines that were skipped.
    pub bad: u64,
    /// The first of these, at most a thousand.
    pub bad_lines: Vec<BadLine>,
}

/// More bad lines than this are only counted: nobody reads further, and a file of the wrong kind has millions.
const LISTED_BAD_LINES: usize = 1000;

/// Reads all of a source into the content; returns the digest of its bytes.
pub(crate) fn read(
    source: &Source,
    bad_lines: BadLines,
    content: &mut Content,
    report: &mut ReadReport,
    progress: OnProgress<'_>,
) -> Result<Digest, ReadError> {
    let failed = |error| ReadError::File { file: source.path.clone(), source: error };
    let mut lines = Lines::open(&source.path).map_err(failed)?;
    while lines.advance().map_err(failed)? {
        let outcome = lines.text().and_then(|line| match line {
            "" => Ok(None),
            _ => read_line(source.format, line, content).map(Some),
        });
        match outcome {
            Ok(added) => {
                report.lines += u64::from(added.is_some());
                report.repeated += u64::from(added == Some(Added::Again));
            }
            Err(reason) => {
                report.lines += 1;
                report.bad(bad_lines, &source.path, lines.number(), reason)?;
            }
        }
        if lines.number() % LINES_PER_PROGRESS == 0 {
            progress(Progress::Read { file: &source.path, bytes: lines.bytes(), total: lines.total() });
        }
    }
    Ok(lines.digest())
}

/// The digest that `read` would return.
pub(crate) fn digest(source: &Source) -> Result<Digest, ReadError> {
    let failed = |error| ReadError::File { file: source.path.clone(), source: error };
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(&source.path).map_err(failed)?).map_err(failed)?;
    Ok(*hasher.finalize().as_bytes())
}

/// Some ten times a second at the usual speed.
const LINES_PER_PROGRESS: u64 = 100_000;

fn read_line(format: Format, line: &str, content: &mut Content) -> Result<Added, LineError> {
    match format {
        Format::Facts => tsv::fact(line, content),
        Format::EntityAliases => tsv::entity_alias(line, content),
        Format::PredicateAliases => tsv::predicate_alias(line, content),
    }
}

impl ReadReport {
    fn bad(
        &mut self,
        bad_lines: BadLines,
        file: &Path,
        line: u64,
        reason: LineError,
    ) -> Result<(), ReadError> {
        let bad = BadLine { file: file.to_owned(), line, reason };
        if bad_lines == BadLines::Stop || matches!(bad.reason, LineError::TooLarge(_)) {
            return Err(ReadError::BadLine(bad));
        }
        self.bad += 1;
        if self.bad_lines.len() < LISTED_BAD_LINES {
            self.bad_lines.push(bad);
        }
        Ok(())
    }
}
