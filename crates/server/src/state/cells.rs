//! Small documents that are replaced as a whole: the lease, and the rollout's state.

use std::path::PathBuf;

use redb::TableDefinition;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StateError;
use super::file::{StateFile, encode};

const CELLS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("cells");

/// Documents by name.
pub struct Cells(StateFile);

impl Cells {
    pub(super) fn open(path: PathBuf) -> Result<Self, StateError> {
        StateFile::open(path, |transaction| Ok(transaction.open_table(CELLS).map(|_| ())?)).map(Self)
    }

    /// The document of this name.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StateError> {
        let bytes = self.0.read(|transaction| {
            let table = transaction.open_table(CELLS)?;
            Ok(table.get(name)?.map(|bytes| bytes.value().to_vec()))
        })?;
        let decode =
            |bytes: Vec<u8>| serde_json::from_slice(&bytes).map_err(|source| self.0.unreadable(name, source));
        bytes.map(decode).transpose()
    }

    /// Replaces the document of this name.
    pub fn put<T: Serialize>(&self, name: &str, document: &T) -> Result<(), StateError> {
        self.0.write(|transaction| {
            transaction.open_table(CELLS)?.insert(name, encode(document)?.as_slice())?;
            Ok(())
        })
    }
}
