//! A durable log of numbered records, in a file of its own. Numbers grow by one and are never used twice, whatever is
//! killed when.

use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StateError;

const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("records");

/// Memory for pages: these logs are written rarely and read from the end.
const CACHE_BYTES: usize = 1 << 20;

/// A log of records of one kind.
pub(super) struct NumberedLog<T> {
    database: Database,
    path: PathBuf,
    /// Older records than this many are dropped.
    keep: u64,
    records: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> NumberedLog<T> {
    pub(super) fn open(path: PathBuf, keep: u64) -> Result<Self, StateError> {
        let database = open_database(&path)?;
        let log = Self { database, path, keep, records: PhantomData };
        log.write(|transaction| transaction.open_table(RECORDS).map(|_| ()).map_err(redb::Error::from))?;
        Ok(log)
    }

    /// Appends the record that `make` makes of its number.
    pub(super) fn append(&self, make: impl FnOnce(u64) -> T) -> Result<T, StateError> {
        self.append_with(make, |_, _| Ok(()))
    }

    /// Appends, and in the same transaction does what `also` does.
    pub(super) fn append_with(
        &self,
        make: impl FnOnce(u64) -> T,
        also: impl FnOnce(&WriteTransaction, &T) -> Result<(), redb::Error>,
    ) -> Result<T, StateError> {
        let mut appended = Ok(None);
        self.write(|transaction| {
            let mut table = transaction.open_table(RECORDS)?;
            let number = table.last()?.map_or(0, |(number, _)| number.value()) + 1;
            let record = make(number);
            let bytes = match serde_json::to_vec(&record) {
                Ok(bytes) => bytes,
                Err(source) => {
                    appended = Err(self.record_error(number, source));
                    return Ok(());
                }
            };
            table.insert(number, bytes.as_slice())?;
            if let Some(dropped) = number.checked_sub(self.keep) {
                table.remove(dropped)?;
            }
            also(transaction, &record)?;
            appended = Ok(Some(record));
            Ok(())
        })?;
        appended?
            .ok_or_else(|| self.database_error(redb::Error::Corrupted("nothing was appended".to_owned())))
    }

    /// Records after number `after`, oldest first, at most `limit`.
    pub(super) fn after(&self, after: u64, limit: usize) -> Result<Vec<T>, StateError> {
        let read = || -> Result<Vec<(u64, Vec<u8>)>, redb::Error> {
            let table = self.database.begin_read()?.open_table(RECORDS)?;
            let rows = table.range(after.saturating_add(1)..)?.take(limit);
            rows.map(|row| row.map(|(number, bytes)| (number.value(), bytes.value().to_vec())))
                .collect::<Result<_, _>>()
                .map_err(redb::Error::from)
        };
        let rows = read().map_err(|source| self.database_error(source))?;
        rows.into_iter().map(|(number, bytes)| self.decode(number, &bytes)).collect()
    }

    /// The record with the highest number.
    pub(super) fn last(&self) -> Result<Option<T>, StateError> {
        let read = || -> Result<Option<(u64, Vec<u8>)>, redb::Error> {
            let table = self.database.begin_read()?.open_table(RECORDS)?;
            Ok(table.last()?.map(|(number, bytes)| (number.value(), bytes.value().to_vec())))
        };
        let row = read().map_err(|source| self.database_error(source))?;
        row.map(|(number, bytes)| self.decode(number, &bytes)).transpose()
    }

    /// Does something else to the same file, in a transaction of its own.
    pub(super) fn write(
        &self,
        change: impl FnOnce(&WriteTransaction) -> Result<(), redb::Error>,
    ) -> Result<(), StateError> {
        write(&self.database, change).map_err(|source| self.database_error(source))
    }

    /// The file itself.
    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    pub(super) fn database_error(&self, source: redb::Error) -> StateError {
        StateError::Database { path: self.path.clone(), source: Box::new(source) }
    }

    fn decode(&self, number: u64, bytes: &[u8]) -> Result<T, StateError> {
        serde_json::from_slice(bytes).map_err(|source| self.record_error(number, source))
    }

    fn record_error(&self, number: u64, source: serde_json::Error) -> StateError {
        StateError::Record { path: self.path.clone(), key: number.to_string(), source }
    }
}

/// Opens a file of the state folder, which is made where it is missing.
pub(super) fn open_database(path: &Path) -> Result<Database, StateError> {
    Database::builder()
        .set_cache_size(CACHE_BYTES)
        .create(path)
        .map_err(|source| StateError::Database { path: path.to_owned(), source: Box::new(source.into()) })
}

/// One durable transaction.
pub(super) fn write(
    database: &Database,
    change: impl FnOnce(&WriteTransaction) -> Result<(), redb::Error>,
) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    change(&transaction)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keep: u64, appended: u64, expected: &[u64]) {
        let folder = tempfile::tempdir().unwrap();
        let open = || NumberedLog::<u64>::open(folder.path().join("log.redb"), keep).unwrap();
        for _ in 0..appended {
            // Opened anew for each record, as if the server had been killed in between.
            open().append(|number| number).unwrap();
        }
        assert_eq!(open().after(0, 100).unwrap(), expected);
        assert_eq!(open().last().unwrap(), expected.last().copied());
    }

    #[test]
    fn numbers_grow_by_one_over_restarts() {
        check(100, 0, &[]);
        check(100, 3, &[1, 2, 3]);
    }

    #[test]
    fn old_records_are_dropped_and_their_numbers_not_used_again() {
        check(2, 5, &[4, 5]);
    }

    #[test]
    fn a_change_that_fails_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let log = NumberedLog::<u64>::open(folder.path().join("log.redb"), 10).unwrap();
        let refused =
            log.append_with(|number| number, |_, _| Err(redb::Error::Corrupted("on purpose".into())));
        assert!(refused.is_err());
        assert_eq!(log.after(0, 10).unwrap(), Vec::<u64>::new());
        assert_eq!(log.append(|number| number).unwrap(), 1);
    }
}
