//! The first format: the same facts added and removed, without versions. It is read and rewritten, never written.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use super::{Changes, Row, names};
use crate::database::Fault;

const ADDED: TableDefinition<u64, Row<'_>> = TableDefinition::new("facts_added");
const REMOVED: TableDefinition<Row<'_>, ()> = TableDefinition::new("facts_removed");

pub(super) fn read(transaction: &ReadTransaction) -> Result<Changes, Fault> {
    changes(&transaction.open_table(ADDED)?, &transaction.open_table(REMOVED)?)
}

/// Reads the changes and deletes the tables they were in.
pub(super) fn take(transaction: &WriteTransaction) -> Result<Changes, Fault> {
    let changes = changes(&transaction.open_table(ADDED)?, &transaction.open_table(REMOVED)?)?;
    transaction.delete_table(ADDED)?;
    transaction.delete_table(REMOVED)?;
    Ok(changes)
}

fn changes(
    added: &impl ReadableTable<u64, Row<'static>>,
    removed: &impl ReadableTable<Row<'static>, ()>,
) -> Result<Changes, Fault> {
    let mut changes = Changes::default();
    for row in removed.iter()? {
        changes.removed.push(names(row?.0.value()));
    }
    for row in added.iter()? {
        changes.added.push(names(row?.1.value()));
    }
    Ok(changes)
}

/// What the program of that format wrote.
#[cfg(test)]
pub(super) fn write(transaction: &WriteTransaction, changes: &Changes) {
    for fact in &changes.removed {
        transaction.open_table(REMOVED).unwrap().insert(super::row(fact), ()).unwrap();
    }
    for (at, fact) in (0..).zip(&changes.added) {
        transaction.open_table(ADDED).unwrap().insert(at, super::row(fact)).unwrap();
    }
}
