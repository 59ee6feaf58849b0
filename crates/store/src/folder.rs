//! What a knowledge base folder holds, and how it becomes a `Content`. Nothing here writes into it.

use std::path::{Path, PathBuf};

use crate::builder::Builder;
use crate::content::Content;
use crate::database::DatabaseError;
use crate::image::Digest;
use crate::import::{BadLines, PLAIN_FILES, ReadError, ReadReport, Reader, Source};
use crate::progress::OnProgress;
use crate::record::{self, RECORD_FORMAT};

/// The facts of record that an import made.
const RECORD_FILE: &str = "knowledge.redb";

/// Why a knowledge base cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is nothing in it that could be one.
    #[error("`{}` is no knowledge base: it has neither `facts.tsv` nor `{RECORD_FILE}`", .0.display())]
    NotAKnowledgeBase(PathBuf),
    /// It is two at once.
    #[error("`{}` has both `facts.tsv` and `{RECORD_FILE}`, and only one of them can be meant", .0.display())]
    Ambiguous(PathBuf),
    /// A file of it cannot be read or understood.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Its facts of record cannot be read.
    #[error(transparent)]
    Record(#[from] DatabaseError),
}

impl FolderError {
    /// Its page under `docs/errors/`, where it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::NotAKnowledgeBase(_) => Some("kb-not-a-knowledge-base"),
            Self::Ambiguous(_) => Some("kb-ambiguous"),
            Self::Read(error) => error.code(),
            Self::Record(error) => error.code(),
        }
    }
}

/// A knowledge base folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Folder {
    /// Tab-separated files that somebody keeps; those that are there.
    Plain(Vec<Source>),
    /// Facts of record that an import made.
    Imported(PathBuf),
}

/// A knowledge base as it was read.
pub(crate) struct Read {
    pub(crate) content: Content,
    pub(crate) report: ReadReport,
    /// Of the files' bytes.
    pub(crate) digest: Digest,
    /// The format of the facts of record; the current one for a plain folder, which has none.
    pub(crate) format: u64,
}

/// The file that has the facts of record of a folder.
pub(crate) fn record_file(dir: &Path) -> PathBuf {
    dir.join(RECORD_FILE)
}

impl Folder {
    /// What is there.
    pub(crate) fn find(dir: &Path) -> Result<Self, FolderError> {
        let record = record_file(dir);
        let sources = PLAIN_FILES.map(|(name, format)| Source::new(dir.join(name), format));
        match (sources[0].path.exists(), record.exists()) {
            (true, true) => Err(FolderError::Ambiguous(dir.to_owned())),
            (true, false) => {
                Ok(Self::Plain(sources.into_iter().filter(|source| source.path.exists()).collect()))
            }
            (false, true) => Ok(Self::Imported(record)),
            (false, false) => Err(FolderError::NotAKnowledgeBase(dir.to_owned())),
        }
    }

    /// Reads all of it.
    pub(crate) fn read(&self, bad_lines: BadLines, progress: OnProgress<'_>) -> Result<Read, FolderError> {
        match self {
            Self::Plain(sources) => {
                let mut reader = Reader::new(Builder::default(), bad_lines);
                let mut whole = blake3::Hasher::new();
                for source in sources {
                    combine(&mut whole, source, &reader.read(source, progress)?);
                }
                let (content, report) = reader.finish()?;
                Ok(Read { content, report, digest: *whole.finalize().as_bytes(), format: RECORD_FORMAT })
            }
            Self::Imported(file) => {
                let record::Record { content, format, digest } = record::read(file)?;
                Ok(Read { content, report: ReadReport::default(), digest, format })
            }
        }
    }

    /// The digest that `read` would return, without understanding what is read.
    pub(crate) fn digest(&self) -> Result<Digest, FolderError> {
        match self {
            Self::Plain(sources) => {
                let mut whole = blake3::Hasher::new();
                for source in sources {
                    combine(&mut whole, source, &source.digest()?);
                }
                Ok(*whole.finalize().as_bytes())
            }
            Self::Imported(file) => Ok(record::digest(file)?),
        }
    }
}

/// The kind of each file is part of the digest: the same lines mean another thing in another file.
fn combine(whole: &mut blake3::Hasher, source: &Source, digest: &Digest) {
    whole.update(&[source.format as u8]).update(digest);
}
