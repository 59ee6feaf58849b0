//! What a person does with a knowledge base folder: import into it, export it, count it, check it.
//! An import killed at any moment leaves the folder as it was or as it should be.

mod export;
mod survey;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use self::export::{ExportError, export};
pub use self::survey::{CheckReport, Finding, Stats, Totals, check, stats};
use crate::content::Content;
use crate::database::DatabaseError;
use crate::folder::{self, Folder, FolderError};
use crate::import::{BadLines, ReadError, ReadReport, Reader, Source, UnknownSource};
use crate::lock::{Lock, LockError};
use crate::progress::{OnProgress, Progress};
use crate::record::{self, RECORD_FORMAT};

/// What an import does with what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Adds to it.
    Keep,
    /// Replaces it.
    Replace,
}

/// What an import came to.
#[derive(Debug)]
pub struct ImportReport {
    /// What the files said.
    pub read: ReadReport,
    /// What the knowledge base holds now.
    pub totals: Totals,
    /// The format that the folder had, where it was an older one.
    pub migrated_from: Option<u64>,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file's name does not say what it holds.
    #[error(transparent)]
    Source(#[from] UnknownSource),
    /// A file cannot be read or understood.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What is in the folder cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Nothing was named to put in the place of what is there.
    #[error("no files are named, and with nothing in its place `{}` would lose everything it holds", .0.display())]
    NothingInItsPlace(PathBuf),
    /// Somebody keeps the folder's files by hand.
    #[error("`{}` is a folder of tab-separated files; import into another folder, or edit these", .0.display())]
    PlainFolder(PathBuf),
    /// The folder cannot be made.
    #[error("cannot make the folder `{}`", folder.display())]
    MakeFolder {
        /// Which one.
        folder: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another import is at work.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The facts of record cannot be written.
    #[error(transparent)]
    Record(#[from] DatabaseError),
}

impl ImportError {
    /// Its page under `docs/errors/`, where it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Source(_) => Some("kb-unknown-source"),
            Self::Read(error) => error.code(),
            Self::Folder(error) => error.code(),
            Self::PlainFolder(_) => Some("kb-plain-folder"),
            Self::MakeFolder { .. } | Self::NothingInItsPlace(_) => None,
            Self::Lock(error) => error.code(),
            Self::Record(error) => error.code(),
        }
    }
}

/// Reads files into the facts of record of a folder, which is made where it is missing. Each file's name says what it
/// holds. Without files, an older format is brought up to the current one.
pub fn import(
    files: &[PathBuf],
    kb: &Path,
    existing: Existing,
    bad_lines: BadLines,
    progress: OnProgress<'_>,
) -> Result<ImportReport, ImportError> {
    let sources: Vec<Source> = files.iter().map(|file| Source::named(file)).collect::<Result<_, _>>()?;
    match (files, existing) {
        ([], Existing::Replace) => return Err(ImportError::NothingInItsPlace(kb.to_owned())),
        ([], Existing::Keep) => Folder::find(kb).map(drop)?,
        _ => {}
    }
    fs::create_dir_all(kb).map_err(|source| ImportError::MakeFolder { folder: kb.to_owned(), source })?;
    let _lock = Lock::take(kb, LOCK_FILE)?;
    let (before, format) = existing_content(kb, existing, progress)?;
    let mut reader = Reader::new(before.into(), bad_lines);
    for source in &sources {
        reader.read(source, progress)?;
    }
    let (content, read) = reader.finish()?;
    record::write(&folder::record_file(kb), &content, progress)?;
    let migrated_from = (format < RECORD_FORMAT).then_some(format);
    Ok(ImportReport { read, totals: Totals::of(&content), migrated_from })
}

/// Held while an import is at work; whoever only reads does not mind it.
const LOCK_FILE: &str = "import.lock";

fn existing_content(
    kb: &Path,
    existing: Existing,
    progress: OnProgress<'_>,
) -> Result<(Content, u64), ImportError> {
    match (Folder::find(kb), existing) {
        (Ok(Folder::Plain(_)), _) => Err(ImportError::PlainFolder(kb.to_owned())),
        (Ok(folder), Existing::Keep) => {
            progress(Progress::Step("reading what is there"));
            let read = folder.read(BadLines::Stop, progress)?;
            Ok((read.content, read.format))
        }
        (Ok(_), Existing::Replace) | (Err(FolderError::NotAKnowledgeBase(_)), _) => {
            Ok((Content::default(), RECORD_FORMAT))
        }
        (Err(error), _) => Err(error.into()),
    }
}
