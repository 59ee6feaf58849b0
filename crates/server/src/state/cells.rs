//! Small documents that are replaced as a whole: the lease, and the rollout's state.

use std::path::PathBuf;

use redb::{Database, ReadableDatabase, TableDefinition};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StateError;
use super::numbered::{open_database, write};

const CELLS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("cells");

/// Documents by name.
pub struct Cells {
    database: Database,
    path: PathBuf,
}

impl Cells {
    pub(super) fn open(path: PathBuf) -> Result<Self, StateError> {
        let cells = Self { database: open_database(&path)?, path };
        write(&cells.database, |transaction| {
            transaction.open_table(CELLS).map(|_| ()).map_err(redb::Error::from)
        })
        .map_err(|source| cells.failed(source))?;
        Ok(cells)
    }

    /// The document of this name.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StateError> {
        let read = || -> Result<Option<Vec<u8>>, redb::Error> {
            let table = self.database.begin_read()?.open_table(CELLS)?;
            Ok(table.get(name)?.map(|bytes| bytes.value().to_vec()))
        };
        let bytes = read().map_err(|source| self.failed(source))?;
        bytes
            .map(|bytes| serde_json::from_slice(&bytes).map_err(|source| self.unreadable(name, source)))
            .transpose()
    }

    /// Replaces the document of this name.
    pub fn put<T: Serialize>(&self, name: &str, document: &T) -> Result<(), StateError> {
        let bytes = serde_json::to_vec(document).map_err(|source| self.unreadable(name, source))?;
        write(&self.database, |transaction| {
            transaction.open_table(CELLS)?.insert(name, bytes.as_slice())?;
            Ok(())
        })
        .map_err(|source| self.failed(source))
    }

    fn failed(&self, source: redb::Error) -> StateError {
        StateError::Database { path: self.path.clone(), source: Box::new(source) }
    }

    fn unreadable(&self, name: &str, source: serde_json::Error) -> StateError {
        StateError::Record { path: self.path.clone(), key: name.to_owned(), source }
    }
}
