//! The facts of record: a knowledge base in one redb file. The file is written once, whole, and replaced by the
//! next import; it is never written to again, so that whoever reads it is not disturbed.

mod format0;
mod format1;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase, StorageBackend, StorageError, TableHandle};

use crate::content::Content;
use crate::durable;
use crate::image::Digest;
use crate::progress::{OnProgress, Progress};
use crate::strings::TooLarge;

/// The format that this program writes. It reads this one and those before it.
pub const RECORD_FORMAT: u32 = 1;

/// Why facts of record cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
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
    #[error("`{}` has format {found}, this program reads up to {RECORD_FORMAT}", file.display())]
    Newer {
        /// Which one.
        file: PathBuf,
        /// Its format.
        found: u32,
    },
    /// There are too many facts.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// What went wrong inside a file whose name the caller knows.
enum Fault {
    Database(redb::Error),
    Damaged(&'static str),
    Newer(u32),
    TooLarge(TooLarge),
}

impl<E: Into<redb::Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Database(error.into())
    }
}

impl Fault {
    fn of(self, file: &Path) -> RecordError {
        let file = file.to_owned();
        match self {
            Fault::Database(source) => RecordError::Database { file, source: Box::new(source) },
            Fault::Damaged(what) => RecordError::Damaged { file, what },
            Fault::Newer(found) => RecordError::Newer { file, found },
            Fault::TooLarge(error) => RecordError::TooLarge(error),
        }
    }
}

/// Facts of record as they were read.
pub(crate) struct Record {
    pub(crate) content: Content,
    pub(crate) format: u32,
    /// Of the file's bytes.
    pub(crate) digest: Digest,
}

/// Reads a file of any known format, which stays as it is.
pub(crate) fn read(path: &Path) -> Result<Record, RecordError> {
    let bytes = fs::read(path).map_err(|source| RecordError::File { file: path.to_owned(), source })?;
    let (content, format) = read_bytes(&bytes).map_err(|fault| fault.of(path))?;
    Ok(Record { content, format, digest: *blake3::hash(&bytes).as_bytes() })
}

/// The digest that `read` would return.
pub(crate) fn digest(path: &Path) -> Result<Digest, RecordError> {
    durable::digest(path).map_err(|source| RecordError::File { file: path.to_owned(), source })
}

/// A plain open trusts the file and may panic on a damaged one. The check of a whole file wants to write to it, so it
/// gets a copy in memory.
fn read_bytes(bytes: &[u8]) -> Result<(Content, u32), Fault> {
    let copy = InMemoryBackend::new();
    copy.set_len(bytes.len() as u64).and_then(|()| copy.write(0, bytes)).map_err(StorageError::Io)?;
    let database = Database::builder().set_check_integrity_on_open(true).create_with_backend(copy)?;
    let transaction = database.begin_read()?;
    let tables: Vec<String> = transaction.list_tables()?.map(|table| table.name().to_owned()).collect();
    match format1::format(&transaction, &tables)? {
        Some(RECORD_FORMAT) => Ok((format1::read(&transaction)?, RECORD_FORMAT)),
        Some(found) => Err(Fault::Newer(found)),
        None if format0::is_there(&tables) => Ok((format0::read(&transaction)?, 0)),
        None => Err(Fault::Damaged("it holds no knowledge base")),
    }
}

/// Puts a file of the current format in the place of what was there. Killed at any moment, it leaves the old file or
/// the new one.
pub(crate) fn write(path: &Path, content: &Content, progress: OnProgress<'_>) -> Result<(), RecordError> {
    let failed = |source| RecordError::File { file: path.to_owned(), source };
    let unfinished = durable::unfinished(path);
    progress(Progress::Step("clearing what an interrupted import left"));
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    format1::write(&unfinished, content, progress).map_err(|fault| fault.of(&unfinished))?;
    progress(Progress::Step("publishing the facts of record"));
    durable::publish(&unfinished, path).map_err(failed)?;
    progress(Progress::Step("done"));
    Ok(())
}
