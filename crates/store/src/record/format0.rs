//! The first format: facts and aliases as texts, one table each, and no validities. It is read, never written.

use find_facts_core::Validity;
use redb::{ReadTransaction, ReadableTable, TableDefinition};

use crate::builder::Builder;
use crate::content::Content;
use crate::database::Fault;
use crate::text;

const TRIPLES: &str = "triples";
const FACTS: TableDefinition<u64, (&str, &str, &str)> = TableDefinition::new(TRIPLES);
const ALIASES: TableDefinition<u64, (&str, &str)> = TableDefinition::new("aliases");

/// Whether a database that names no format has this one.
pub(super) fn is_there(tables: &[String]) -> bool {
    tables.iter().any(|table| table == TRIPLES)
}

pub(super) fn read(transaction: &ReadTransaction) -> Result<Content, Fault> {
    let mut builder = Builder::default();
    for row in transaction.open_table(FACTS)?.iter()? {
        let row = row?.1;
        let (subject, predicate, object) = row.value();
        let parts = [name(subject)?, name(predicate)?, name(object)?];
        let parts = parts.each_ref().map(AsRef::as_ref);
        builder.add_fact(parts, Validity::default()).map_err(Fault::TooLarge)?;
    }
    for row in transaction.open_table(ALIASES)?.iter()? {
        let row = row?.1;
        let (entity, alias) = row.value();
        builder.add_entity_alias(&name(entity)?, &name(alias)?).map_err(Fault::TooLarge)?;
    }
    Ok(builder.finish())
}

fn name(text: &str) -> Result<std::borrow::Cow<'_, str>, Fault> {
    text::name(text).map_err(|_| Fault::Damaged("a name is empty or has a tab or a line break"))
}
