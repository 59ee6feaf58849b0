//! The facts of record: a knowledge base in one redb file. The file is written once, whole, and replaced by the
//! next import; it is never written to again, so that whoever reads it is not disturbed.

mod format0;
mod format1;

use std::fs;
use std::io;
use std::path::Path;

use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase, StorageBackend, StorageError, TableHandle};

use crate::content::Content;
use crate::database::{DatabaseError, Fault};
use crate::durable;
use crate::image::Digest;
use crate::progress::{OnProgress, Progress};

/// The format that this program writes. It reads this one and those before it.
pub(crate) const RECORD_FORMAT: u64 = 1;

/// Facts of record as they were read.
pub(crate) struct Record {
    pub(crate) content: Content,
    pub(crate) format: u64,
    /// Of the file's bytes.
    pub(crate) digest: Digest,
}

/// Reads a file of any known format, which stays as it is.
pub(crate) fn read(path: &Path) -> Result<Record, DatabaseError> {
    let bytes = fs::read(path).map_err(|source| DatabaseError::File { file: path.to_owned(), source })?;
    let (content, format) = read_bytes(&bytes).map_err(|fault| fault.of(path))?;
    Ok(Record { content, format, digest: *blake3::hash(&bytes).as_bytes() })
}

/// The digest that `read` would return.
pub(crate) fn digest(path: &Path) -> Result<Digest, DatabaseError> {
    durable::digest(path).map_err(|source| DatabaseError::File { file: path.to_owned(), source })
}

/// A plain open trusts the file and may panic on a damaged one. The check of a whole file wants to write to it, so it
/// gets a copy in memory.
fn read_bytes(bytes: &[u8]) -> Result<(Content, u64), Fault> {
    let copy = InMemoryBackend::new();
    copy.set_len(bytes.len() as u64).and_then(|()| copy.write(0, bytes)).map_err(StorageError::Io)?;
    let database = Database::builder().set_check_integrity_on_open(true).create_with_backend(copy)?;
    let transaction = database.begin_read()?;
    let tables: Vec<String> = transaction.list_tables()?.map(|table| table.name().to_owned()).collect();
    match format1::format(&transaction, &tables)? {
        Some(RECORD_FORMAT) => Ok((format1::read(&transaction)?, RECORD_FORMAT)),
        Some(found) => Err(Fault::Newer { found, known: RECORD_FORMAT }),
        None if format0::is_there(&tables) => Ok((format0::read(&transaction)?, 0)),
        None => Err(Fault::Damaged("it holds no knowledge base")),
    }
}

/// Puts a file of the current format in the place of what was there. Killed at any moment, it leaves the old file or
/// the new one.
pub(crate) fn write(path: &Path, content: &Content, progress: OnProgress<'_>) -> Result<(), DatabaseError> {
    let failed = |source| DatabaseError::File { file: path.to_owned(), source };
    let unfinished = durable::unfinished(path);
    progress(Progress::Step("clearing what an interrupted import left"));
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let written = format1::write(&unfinished, content, progress).map_err(|fault| fault.of(&unfinished));
    durable::or_discard(&unfinished, written)?;
    progress(Progress::Step("publishing the facts of record"));
    durable::publish(&unfinished, path).map_err(failed)?;
    progress(Progress::Step("done"));
    Ok(())
}
