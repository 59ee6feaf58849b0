//! The facts changed at run time, durable before anybody sees them. Kept is the difference to the knowledge base,
//! not the way there: it is as large as what differs, and each change is one transaction.

mod format0;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use find_facts_core::KbVersion;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

use crate::database::{DatabaseError, Fault};
use crate::durable;
use crate::image::Digest;
use crate::index::Names;

/// The format that this program writes. It reads this one and those before it.
pub(crate) const CHANGES_FORMAT: u64 = 1;

type Row<'a> = (&'a str, &'a str, &'a str);

const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
/// The digest of the knowledge base that was last served.
const SERVED: TableDefinition<(), Digest> = TableDefinition::new("served");
/// Facts added, by the order in which they were.
const ADDED: TableDefinition<u64, Row<'_>> = TableDefinition::new("added");
/// Where in that order a fact is.
const ADDED_AT: TableDefinition<Row<'_>, u64> = TableDefinition::new("added_at");
/// Facts that the knowledge base may have but that are gone, unless they are among those added.
const REMOVED: TableDefinition<Row<'_>, ()> = TableDefinition::new("removed");

const FORMAT_KEY: &str = "format";
const VERSION_KEY: &str = "version";

/// The log's file in the state folder, open for as long as the store is.
pub(crate) struct ChangeLog {
    database: Database,
    path: PathBuf,
}

/// How the knowledge base served differs from the one in the folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// To take out first.
    pub(crate) removed: Vec<Names>,
    /// To add then, in this order, where they are not there.
    pub(crate) added: Vec<Names>,
}

impl ChangeLog {
    /// Opens the log, which is made where it is missing. An older format stays as it is until something is written.
    pub(crate) fn open(path: &Path) -> Result<Self, DatabaseError> {
        let failed = |source| DatabaseError::File { file: path.to_owned(), source };
        if !path.exists() {
            let unfinished = durable::unfinished(path);
            match fs::remove_file(&unfinished) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
                _ => create(&unfinished).map_err(|fault| fault.of(path))?,
            }
            durable::publish(&unfinished, path).map_err(failed)?;
        }
        let database = builder().open(path).map_err(|error| Fault::from(error).of(path))?;
        let log = Self { database, path: path.to_owned() };
        log.format()?;
        Ok(log)
    }

    /// The format of what is on disk.
    pub(crate) fn format(&self) -> Result<u64, DatabaseError> {
        self.read(|transaction| match transaction.open_table(META) {
            Ok(meta) => match meta.get(FORMAT_KEY)?.map(|format| format.value()) {
                Some(found) if found > CHANGES_FORMAT => Err(Fault::Newer { found, known: CHANGES_FORMAT }),
                Some(found) => Ok(found),
                None => Err(Fault::Damaged("it names no format")),
            },
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(0),
            Err(error) => Err(error.into()),
        })
    }

    /// All that has been changed.
    pub(crate) fn changes(&self) -> Result<Changes, DatabaseError> {
        if self.format()? == 0 {
            return self.read(format0::read);
        }
        self.read(|transaction| {
            let added = transaction.open_table(ADDED)?;
            let removed = transaction.open_table(REMOVED)?;
            Ok(Changes {
                removed: removed
                    .iter()?
                    .map(|row| Ok(names(row?.0.value())))
                    .collect::<Result<_, Fault>>()?,
                added: added.iter()?.map(|row| Ok(names(row?.1.value()))).collect::<Result<_, Fault>>()?,
            })
        })
    }

    /// The version to serve a knowledge base as: a later one than the last where its digest is another.
    pub(crate) fn serve(&self, digest: &Digest) -> Result<KbVersion, DatabaseError> {
        if self.format()? == 0 {
            return Ok(FIRST_VERSION);
        }
        let (version, served) = self.read(|transaction| {
            let version = transaction.open_table(META)?.get(VERSION_KEY)?.map(|version| version.value());
            let served = transaction.open_table(SERVED)?.get(())?.map(|digest| digest.value());
            Ok((version.map_or(FIRST_VERSION, KbVersion), served))
        })?;
        match served {
            Some(served) if served == *digest => Ok(version),
            served => {
                let version = KbVersion(version.0 + u64::from(served.is_some()));
                self.write(|transaction| {
                    transaction.open_table(SERVED)?.insert((), digest)?;
                    transaction.open_table(META)?.insert(VERSION_KEY, version.0)?;
                    Ok(())
                })?;
                Ok(version)
            }
        }
    }

    /// Notes facts that were there and are no more, and then facts that were not there and are.
    pub(crate) fn note(
        &self,
        version: KbVersion,
        removed: &[Names],
        added: &[Names],
    ) -> Result<(), DatabaseError> {
        self.write(|transaction| {
            upgrade(transaction)?;
            transaction.open_table(META)?.insert(VERSION_KEY, version.0)?;
            note_removed(transaction, removed)?;
            note_added(transaction, added)
        })
    }

    /// Brings the file to the current format.
    pub(crate) fn migrate(&self) -> Result<(), DatabaseError> {
        self.write(upgrade)
    }

    fn read<T>(
        &self,
        read: impl FnOnce(&redb::ReadTransaction) -> Result<T, Fault>,
    ) -> Result<T, DatabaseError> {
        let outcome =
            self.database.begin_read().map_err(Fault::from).and_then(|transaction| read(&transaction));
        outcome.map_err(|fault| fault.of(&self.path))
    }

    /// All that `write` does, or nothing; durable when this returns.
    fn write(&self, write: impl FnOnce(&WriteTransaction) -> Result<(), Fault>) -> Result<(), DatabaseError> {
        let transaction = || {
            let transaction = self.database.begin_write()?;
            write(&transaction)?;
            Ok(transaction.commit()?)
        };
        transaction().map_err(|fault: Fault| fault.of(&self.path))
    }
}

impl fmt::Debug for ChangeLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeLog").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What a knowledge base is served as for the first time.
const FIRST_VERSION: KbVersion = KbVersion(1);

/// The log is read once and then written a little at a time.
const CACHE_BYTES: usize = 4 << 20;

/// Checked as a whole when it is opened: redb may panic later on a damaged file that it has not checked.
fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_check_integrity_on_open(true).set_cache_size(CACHE_BYTES);
    builder
}

fn create(path: &Path) -> Result<(), Fault> {
    let database = builder().create(path)?;
    let transaction = database.begin_write()?;
    make_tables(&transaction)?;
    transaction.commit()?;
    Ok(database.close()?)
}

fn make_tables(transaction: &WriteTransaction) -> Result<(), Fault> {
    transaction.open_table(META)?.insert(FORMAT_KEY, CHANGES_FORMAT)?;
    transaction.open_table(SERVED)?;
    transaction.open_table(ADDED)?;
    transaction.open_table(ADDED_AT)?;
    transaction.open_table(REMOVED)?;
    Ok(())
}

/// Rewrites an older format, in the transaction of whatever is to be written next.
fn upgrade(transaction: &WriteTransaction) -> Result<(), Fault> {
    if transaction.list_tables()?.any(|table| redb::TableHandle::name(&table) == "meta") {
        return Ok(());
    }
    let changes = format0::take(transaction)?;
    make_tables(transaction)?;
    note_removed(transaction, &changes.removed)?;
    note_added(transaction, &changes.added)
}

fn note_removed(transaction: &WriteTransaction, facts: &[Names]) -> Result<(), Fault> {
    let mut added = transaction.open_table(ADDED)?;
    let mut added_at = transaction.open_table(ADDED_AT)?;
    let mut removed = transaction.open_table(REMOVED)?;
    for fact in facts {
        let at = added_at.remove(row(fact))?.map(|at| at.value());
        if let Some(at) = at {
            added.remove(at)?;
        }
        removed.insert(row(fact), ())?;
    }
    Ok(())
}

fn note_added(transaction: &WriteTransaction, facts: &[Names]) -> Result<(), Fault> {
    let mut added = transaction.open_table(ADDED)?;
    let mut added_at = transaction.open_table(ADDED_AT)?;
    let next = added.last()?.map_or(0, |(at, _)| at.value() + 1);
    for (at, fact) in (next..).zip(facts) {
        added.insert(at, row(fact))?;
        added_at.insert(row(fact), at)?;
    }
    Ok(())
}

fn names((subject, predicate, object): Row<'_>) -> Names {
    [subject.into(), predicate.into(), object.into()]
}

fn row([subject, predicate, object]: &Names) -> Row<'_> {
    (subject, predicate, object)
}
