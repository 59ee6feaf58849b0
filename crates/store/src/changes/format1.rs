//! The current format: the difference to the knowledge base in two tables, each of which changes by rows.

use find_facts_core::KbVersion;
use redb::{ReadTransaction, ReadableTable, TableDefinition, TableError, TableHandle, WriteTransaction};

use super::{CHANGES_FORMAT, Changes, FIRST_VERSION, Row, format0, names, row};
use crate::database::Fault;
use crate::image::Digest;
use crate::index::Names;

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

/// The format of a log; only the first one does not say so.
pub(super) fn format(transaction: &ReadTransaction) -> Result<u64, Fault> {
    match transaction.open_table(META) {
        Ok(meta) => match meta.get(FORMAT_KEY)?.map(|format| format.value()) {
            Some(found) if found > CHANGES_FORMAT => Err(Fault::Newer { found, known: CHANGES_FORMAT }),
            Some(found) => Ok(found),
            None => Err(Fault::Damaged("it names no format")),
        },
        Err(TableError::TableDoesNotExist(_)) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// The last version, and what knowledge base it was a version of, if one was served.
pub(super) fn served(transaction: &ReadTransaction) -> Result<(KbVersion, Option<Digest>), Fault> {
    let version = transaction.open_table(META)?.get(VERSION_KEY)?.map(|version| version.value());
    let digest = transaction.open_table(SERVED)?.get(())?.map(|digest| digest.value());
    Ok((version.map_or(FIRST_VERSION, KbVersion), digest))
}

pub(super) fn set_served(
    transaction: &WriteTransaction,
    version: KbVersion,
    digest: &Digest,
) -> Result<(), Fault> {
    transaction.open_table(SERVED)?.insert((), digest)?;
    set_version(transaction, version)
}

pub(super) fn set_version(transaction: &WriteTransaction, version: KbVersion) -> Result<(), Fault> {
    transaction.open_table(META)?.insert(VERSION_KEY, version.0)?;
    Ok(())
}

pub(super) fn read(transaction: &ReadTransaction) -> Result<Changes, Fault> {
    let mut changes = Changes::default();
    for row in transaction.open_table(REMOVED)?.iter()? {
        changes.removed.push(names(row?.0.value()));
    }
    for row in transaction.open_table(ADDED)?.iter()? {
        changes.added.push(names(row?.1.value()));
    }
    Ok(changes)
}

/// An empty log.
pub(super) fn make(transaction: &WriteTransaction) -> Result<(), Fault> {
    transaction.open_table(META)?.insert(FORMAT_KEY, CHANGES_FORMAT)?;
    transaction.open_table(SERVED)?;
    transaction.open_table(ADDED)?;
    transaction.open_table(ADDED_AT)?;
    transaction.open_table(REMOVED)?;
    Ok(())
}

/// Rewrites an older format, in the transaction of whatever is to be written next.
pub(super) fn upgrade(transaction: &WriteTransaction) -> Result<(), Fault> {
    if transaction.list_tables()?.any(|table| table.name() == META.name()) {
        return Ok(());
    }
    let changes = format0::take(transaction)?;
    make(transaction)?;
    note(transaction, &changes)
}

/// Notes facts removed, and then facts added.
pub(super) fn note(transaction: &WriteTransaction, changes: &Changes) -> Result<(), Fault> {
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
        // It is there already when a write whose outcome was not learnt had reached the disk.
        let before = added_at.insert(row(fact), at)?.map(|before| before.value());
        if let Some(before) = before {
            added.remove(before)?;
        }
    }
    Ok(())
}
