//! The facts changed at run time, durable before anybody sees them. Kept is the difference to the knowledge base,
//! not the way there: it is as large as what differs, and each change is one transaction.

mod format0;
mod format1;
mod handle;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::Path;

use find_facts_core::KbVersion;
use redb::Database;

use self::handle::Handle;
use crate::database::{DatabaseError, Fault};
use crate::durable;
use crate::image::Digest;
use crate::index::Names;

/// The format that this program writes. It reads this one and those before it.
pub(crate) const CHANGES_FORMAT: u64 = 1;

/// What a knowledge base is served as for the first time.
const FIRST_VERSION: KbVersion = KbVersion(1);

/// The log is read once and then written a little at a time.
const CACHE_BYTES: usize = 4 << 20;

/// A fact as the tables have it.
type Row<'a> = (&'a str, &'a str, &'a str);

/// The log in the state folder.
#[derive(Debug)]
pub(crate) struct ChangeLog {
    database: Handle,
}

/// How the knowledge base served differs from the one in the folder, or how one version differs from the one before.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// To take out first.
    pub(crate) removed: Vec<Names>,
    /// To add then, in this order.
    pub(crate) added: Vec<Names>,
}

impl ChangeLog {
    /// Opens the log, which is made where it is missing. An older format stays as it is until something is written.
    pub(crate) fn open(path: &Path) -> Result<Self, DatabaseError> {
        if !path.exists() {
            create(path)?;
        }
        let file = path.to_owned();
        let mut log = Self { database: Handle::new(path, move || builder().open(&file)) };
        log.format()?;
        Ok(log)
    }

    /// The format of what is on disk.
    pub(crate) fn format(&mut self) -> Result<u64, DatabaseError> {
        self.database.read(format1::format)
    }

    /// All that has been changed.
    pub(crate) fn changes(&mut self) -> Result<Changes, DatabaseError> {
        self.database.read(|transaction| match format1::format(transaction)? {
            0 => format0::read(transaction),
            _ => format1::read(transaction),
        })
    }

    /// The version to serve a knowledge base as: a later one than the last where its digest is another.
    pub(crate) fn serve(&mut self, digest: &Digest) -> Result<KbVersion, DatabaseError> {
        let (version, served) = self.database.read(|transaction| match format1::format(transaction)? {
            0 => Ok((FIRST_VERSION, Some(*digest))),
            _ => format1::served(transaction),
        })?;
        if served == Some(*digest) {
            return Ok(version);
        }
        let version = KbVersion(version.0 + u64::from(served.is_some()));
        self.database.write(|transaction| format1::set_served(transaction, version, digest))?;
        Ok(version)
    }

    /// Makes a version's changes durable.
    pub(crate) fn note(&mut self, version: KbVersion, changes: &Changes) -> Result<(), DatabaseError> {
        self.database.write(|transaction| {
            format1::upgrade(transaction)?;
            format1::set_version(transaction, version)?;
            format1::note(transaction, changes)
        })
    }

    /// Brings the file to the current format.
    pub(crate) fn migrate(&mut self) -> Result<(), DatabaseError> {
        self.database.write(format1::upgrade)
    }
}

/// Checked as a whole when it is opened: redb may panic later on a damaged file that it has not checked.
fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_check_integrity_on_open(true).set_cache_size(CACHE_BYTES);
    builder
}

/// Makes an empty log, which appears whole.
fn create(path: &Path) -> Result<(), DatabaseError> {
    let failed = |source| DatabaseError::File { file: path.to_owned(), source };
    let unfinished = durable::unfinished(path);
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let empty = || {
        let database = builder().create(&unfinished)?;
        let transaction = database.begin_write()?;
        format1::make(&transaction)?;
        transaction.commit()?;
        Ok(database.close()?)
    };
    durable::or_discard(&unfinished, empty()).map_err(|fault: Fault| fault.of(path))?;
    durable::publish(&unfinished, path).map_err(failed)
}

fn names((subject, predicate, object): Row<'_>) -> Names {
    [subject.into(), predicate.into(), object.into()]
}

fn row([subject, predicate, object]: &Names) -> Row<'_> {
    (subject, predicate, object)
}
