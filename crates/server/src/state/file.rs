//! One redb file of the state folder. It appears whole or not at all, so that an empty one is a damaged one and not a new
//! one. After a failed write redb takes no more, even when there is room on the disk again; so a file that failed is closed,
//! and opened anew by whoever needs it next.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use redb::{Database, ReadTransaction, ReadableDatabase, WriteTransaction};

use super::StateError;

/// Memory for pages: these files are written rarely and read from the end.
const CACHE_BYTES: usize = 1 << 20;

/// A file, and its database as long as it does not fail.
pub(super) struct StateFile {
    path: PathBuf,
    database: Mutex<Option<Database>>,
}

impl StateFile {
    /// Opens the file, which is made where it is missing, and does to it what `prepare` does.
    pub(super) fn open(
        path: PathBuf,
        prepare: impl FnOnce(&WriteTransaction) -> Result<(), redb::Error>,
    ) -> Result<Self, StateError> {
        let file = Self { path, database: Mutex::new(None) };
        if !file.path.exists() {
            create(&file.path).map_err(|source| file.failed(source))?;
        }
        file.write(prepare)?;
        Ok(file)
    }

    /// Reads what the last write left.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StateError> {
        self.attempt(|database| read(&database.begin_read()?))
    }

    /// All that `write` does, or nothing; durable when this returns.
    pub(super) fn write<T>(
        &self,
        write: impl FnOnce(&WriteTransaction) -> Result<T, redb::Error>,
    ) -> Result<T, StateError> {
        self.attempt(|database| {
            let transaction = database.begin_write()?;
            let written = write(&transaction)?;
            transaction.commit()?;
            Ok(written)
        })
    }

    /// A record of this file that is not what this version writes.
    pub(super) fn unreadable(&self, key: impl ToString, source: serde_json::Error) -> StateError {
        StateError::Record { path: self.path.clone(), key: key.to_string(), source }
    }

    fn attempt<T>(&self, act: impl FnOnce(&Database) -> Result<T, redb::Error>) -> Result<T, StateError> {
        let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = match database.take() {
            Some(opened) => Ok(opened),
            None => open(&self.path),
        };
        let outcome = opened.and_then(|opened| {
            let outcome = act(&opened)?;
            *database = Some(opened);
            Ok(outcome)
        });
        outcome.map_err(|source| self.failed(source))
    }

    fn failed(&self, source: redb::Error) -> StateError {
        StateError::Database { path: self.path.clone(), source: Box::new(source) }
    }
}

/// A document as it is stored.
pub(super) fn encode(document: &impl serde::Serialize) -> Result<Vec<u8>, redb::Error> {
    serde_json::to_vec(document).map_err(|error| redb::Error::Corrupted(error.to_string()))
}

/// Checked as a whole: redb may panic later on a damaged file that it has not checked.
fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_check_integrity_on_open(true).set_cache_size(CACHE_BYTES);
    builder
}

fn open(path: &Path) -> Result<Database, redb::Error> {
    Ok(builder().open(path)?)
}

/// Makes an empty file, beside its place and then moved there.
fn create(path: &Path) -> Result<(), redb::Error> {
    let unfinished = path.with_extension("redb.new");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => builder().create(&unfinished)?.close()?,
    }
    fs::rename(&unfinished, path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    Ok(File::open(folder)?.sync_all()?)
}

#[cfg(test)]
mod tests {
    use redb::{ReadableTableMetadata, TableDefinition};

    use super::*;

    const ROWS: TableDefinition<'_, u64, ()> = TableDefinition::new("rows");

    fn add(file: &StateFile, row: u64) -> Result<(), StateError> {
        file.write(|transaction| Ok(transaction.open_table(ROWS)?.insert(row, ()).map(|_| ())?))
    }

    fn rows(file: &StateFile) -> Result<u64, StateError> {
        file.read(|transaction| Ok(transaction.open_table(ROWS)?.len()?))
    }

    #[test]
    fn a_file_that_failed_is_opened_anew_and_has_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.redb");
        let file =
            StateFile::open(path.clone(), |transaction| Ok(transaction.open_table(ROWS).map(|_| ())?))
                .unwrap();
        add(&file, 1).unwrap();
        file.write(|_| Err::<(), _>(redb::Error::PreviousIo)).unwrap_err();
        let away = folder.path().join("away");
        std::fs::rename(&path, &away).unwrap();
        std::fs::create_dir(&path).unwrap();
        add(&file, 2).unwrap_err();
        std::fs::remove_dir(&path).unwrap();
        std::fs::rename(&away, &path).unwrap();
        add(&file, 2).unwrap();
        assert_eq!(rows(&file).unwrap(), 2);
    }

    #[test]
    fn a_creation_that_was_cut_short_is_begun_again_and_an_emptied_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.redb");
        std::fs::write(folder.path().join("state.redb.new"), "half").unwrap();
        let open =
            || StateFile::open(path.clone(), |transaction| Ok(transaction.open_table(ROWS).map(|_| ())?));
        drop(open().unwrap());
        std::fs::write(&path, "").unwrap();
        assert!(matches!(open().map(|_| ()), Err(StateError::Database { .. })));
    }

    #[test]
    fn a_damaged_file_is_an_error_or_reads_as_it_was_and_never_a_panic() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.redb");
        let open =
            || StateFile::open(path.clone(), |transaction| Ok(transaction.open_table(ROWS).map(|_| ())?));
        let file = open().unwrap();
        (0..500).for_each(|row| add(&file, row).unwrap());
        drop(file);
        let whole = std::fs::read(&path).unwrap();
        // Every page of the file is struck, each at another place of it.
        for at in (0..whole.len()).step_by(997) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            std::fs::write(&path, &damaged).unwrap();
            if let Ok(rows) = open().and_then(|file| rows(&file)) {
                assert_eq!(rows, 500, "byte {at} of {}", whole.len());
            }
        }
    }
}
