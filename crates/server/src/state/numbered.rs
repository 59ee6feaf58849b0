//! A durable log of numbered records, in a file of its own. Numbers grow by one and are never used twice, whatever is
//! killed when.

use std::marker::PhantomData;
use std::path::PathBuf;

use redb::{ReadableTable, TableDefinition, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StateError;
use super::file::{StateFile, encode};

const RECORDS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("records");

/// A log of records of one kind.
pub(super) struct NumberedLog<T> {
    /// Others may keep tables of their own in it.
    pub(super) file: StateFile,
    /// Older records than this many are dropped.
    keep: u64,
    records: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> NumberedLog<T> {
    pub(super) fn open(path: PathBuf, keep: u64) -> Result<Self, StateError> {
        let file = StateFile::open(path, |transaction| Ok(transaction.open_table(RECORDS).map(|_| ())?))?;
        Ok(Self { file, keep, records: PhantomData })
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
        self.file.write(|transaction| {
            let mut table = transaction.open_table(RECORDS)?;
            let number = table.last()?.map_or(0, |(number, _)| number.value()) + 1;
            let record = make(number);
            table.insert(number, encode(&record)?.as_slice())?;
            if let Some(dropped) = number.checked_sub(self.keep) {
                table.remove(dropped)?;
            }
            also(transaction, &record)?;
            Ok(record)
        })
    }

    /// Records after number `after`, oldest first, at most `limit`.
    pub(super) fn after(&self, after: u64, limit: usize) -> Result<Vec<T>, StateError> {
        let rows: Vec<(u64, Vec<u8>)> = self.file.read(|transaction| {
            let table = transaction.open_table(RECORDS)?;
            let rows = table.range(after.saturating_add(1)..)?.take(limit);
            let rows = rows.map(|row| row.map(|(number, bytes)| (number.value(), bytes.value().to_vec())));
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        rows.into_iter().map(|(number, bytes)| self.decode(number, &bytes)).collect()
    }

    /// The record with the highest number.
    pub(super) fn last(&self) -> Result<Option<T>, StateError> {
        let row = self.file.read(|transaction| {
            let table = transaction.open_table(RECORDS)?;
            Ok(table.last()?.map(|(number, bytes)| (number.value(), bytes.value().to_vec())))
        })?;
        row.map(|(number, bytes)| self.decode(number, &bytes)).transpose()
    }

    fn decode(&self, number: u64, bytes: &[u8]) -> Result<T, StateError> {
        serde_json::from_slice(bytes).map_err(|source| self.file.unreadable(number, source))
    }
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
