//! Reads source files into a `Builder`, a line at a time. A line counts as a whole or not at all; a bad one
//! stops the import, or is counted and listed, as the caller wants.

mod error;
mod jsonl;
mod lines;
mod naming;
mod ntriples;
mod source;
mod tsv;
mod validity;

use std::borrow::Cow;

pub use self::error::{BadLine, LineError, ReadError};
use self::lines::Lines;
use self::ntriples::Graph;
pub use self::source::UnknownSource;
pub(crate) use self::source::{Format, PLAIN_FILES, Source};
use self::validity::validity;
use crate::builder::{Added, Builder};
use crate::content::Content;
use crate::image::Digest;
use crate::progress::{OnProgress, Progress};
use crate::text;

/// What to do with a line that cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadLines {
    /// Stop, and change nothing.
    Stop,
    /// Count and list it, and go on.
    Skip,
}

/// What reading source files came to.
#[derive(Debug, Default)]
pub struct ReadReport {
    /// Lines with something on them.
    pub lines: u64,
    /// Facts and aliases that only repeat what was known.
    pub repeated: u64,
    /// Lines that were skipped.
    pub bad: u64,
    /// The first of these, at most a thousand.
    pub bad_lines: Vec<BadLine>,
}

/// More bad lines than this are only counted: nobody reads further, and a file of the wrong kind has millions.
const LISTED_BAD_LINES: usize = 1000;

/// Lines between two signs of life; some tenths of a second.
const LINES_PER_PROGRESS: u64 = 100_000;

/// Files being read, one after the other.
#[derive(Debug)]
pub(crate) struct Reader {
    builder: Builder,
    /// Statements of the N-Triples files read last.
    graph: Graph,
    bad_lines: BadLines,
    report: ReadReport,
}

impl Reader {
    /// A reader that adds to what is there.
    pub(crate) fn new(builder: Builder, bad_lines: BadLines) -> Self {
        Self { builder, graph: Graph::default(), bad_lines, report: ReadReport::default() }
    }

    /// Reads all of a file; returns the digest of its bytes.
    pub(crate) fn read(&mut self, source: &Source, progress: OnProgress<'_>) -> Result<Digest, ReadError> {
        match source.format {
            Format::NTriples => self.graph.next_file(),
            _ => self.add_graph()?,
        }
        let failed = |error| ReadError::File { file: source.path.clone(), source: error };
        let mut lines = Lines::open(&source.path).map_err(failed)?;
        while lines.advance().map_err(failed)? {
            if let Err(reason) = lines.text().and_then(|line| self.line(source.format, line)) {
                self.bad_line(BadLine { file: source.path.clone(), line: lines.number(), reason })?;
            }
            if lines.number() % LINES_PER_PROGRESS == 0 {
                progress(Progress::Read { file: &source.path, bytes: lines.bytes(), total: lines.total() });
            }
        }
        Ok(lines.digest())
    }

    /// All that was read.
    pub(crate) fn finish(mut self) -> Result<(Content, ReadReport), ReadError> {
        self.add_graph()?;
        Ok((self.builder.finish(), self.report))
    }

    fn line(&mut self, format: Format, line: &str) -> Result<(), LineError> {
        if line.is_empty() {
            return Ok(());
        }
        self.report.lines += 1;
        let added = match format {
            Format::Facts => tsv::fact(line, &mut self.builder)?,
            Format::EntityAliases => tsv::entity_alias(line, &mut self.builder)?,
            Format::PredicateAliases => tsv::predicate_alias(line, &mut self.builder)?,
            Format::JsonLines => jsonl::line(line, &mut self.builder)?,
            Format::NTriples => return self.graph.line(line),
        };
        self.report.repeated += u64::from(added == Added::Again);
        Ok(())
    }

    /// N-Triples files that follow one another are named together: one may have the labels of another's terms.
    fn add_graph(&mut self) -> Result<(), ReadError> {
        self.report.repeated += std::mem::take(&mut self.graph).finish(&mut self.builder)?;
        Ok(())
    }

    fn bad_line(&mut self, line: BadLine) -> Result<(), ReadError> {
        if self.bad_lines == BadLines::Stop || matches!(line.reason, LineError::TooLarge(_)) {
            return Err(ReadError::BadLine(Box::new(line)));
        }
        self.report.bad += 1;
        if self.report.bad_lines.len() < LISTED_BAD_LINES {
            self.report.bad_lines.push(line);
        }
        Ok(())
    }
}

/// The text as a name, or which one is none.
fn name<'a>(what: &'static str, text: &'a str) -> Result<Cow<'a, str>, LineError> {
    text::name(text).map_err(|reason| LineError::Name { what, reason })
}
