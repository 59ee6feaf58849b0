//! The database of a log, opened when it is needed. After a failed write redb takes no more, even when there is room
//! on the disk again; so it is closed then, and the next use opens it anew.

use std::fmt;
use std::path::{Path, PathBuf};

use redb::{Database, ReadTransaction, ReadableDatabase, WriteTransaction};

use crate::database::{DatabaseError, Fault};

/// How the database is opened.
type Open = dyn Fn() -> Result<Database, redb::DatabaseError> + Send;

/// A database and where it is.
pub(super) struct Handle {
    database: Option<Database>,
    open: Box<Open>,
    path: PathBuf,
}

impl Handle {
    pub(super) fn new(
        path: &Path,
        open: impl Fn() -> Result<Database, redb::DatabaseError> + Send + 'static,
    ) -> Self {
        Self { database: None, open: Box::new(open), path: path.to_owned() }
    }

    pub(super) fn read<T>(
        &mut self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, Fault>,
    ) -> Result<T, DatabaseError> {
        self.attempt(|database| read(&database.begin_read()?))
    }

    /// All that `write` does, or nothing; durable when this returns.
    pub(super) fn write(
        &mut self,
        write: impl FnOnce(&WriteTransaction) -> Result<(), Fault>,
    ) -> Result<(), DatabaseError> {
        self.attempt(|database| {
            let transaction = database.begin_write()?;
            write(&transaction)?;
            Ok(transaction.commit()?)
        })
    }

    fn attempt<T>(&mut self, act: impl FnOnce(&Database) -> Result<T, Fault>) -> Result<T, DatabaseError> {
        let opened = match self.database.take() {
            Some(database) => Ok(database),
            None => (self.open)().map_err(Fault::from),
        };
        let outcome = opened.and_then(|database| {
            let outcome = act(&database)?;
            self.database = Some(database);
            Ok(outcome)
        });
        outcome.map_err(|fault| fault.of(&self.path))
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("path", &self.path).finish_non_exhaustive()
    }
}
