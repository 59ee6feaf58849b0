//! The current format: names are there once, by number, and facts are numbers. Every table is in import order.

use std::path::Path;

use find_facts_core::{PartialDate, Validity};
use redb::{Database, ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use super::RECORD_FORMAT;
use crate::content::{Aliases, Content, Triple};
use crate::database::Fault;
use crate::progress::{OnProgress, Progress};
use crate::strings::Strings;

const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
const ENTITIES: TableDefinition<u32, &str> = TableDefinition::new("entities");
const PREDICATES: TableDefinition<u32, &str> = TableDefinition::new("predicates");
const FACTS: TableDefinition<u32, Triple> = TableDefinition::new("facts");
/// Fact, start and end; an empty text is an open side.
const VALIDITIES: TableDefinition<u32, (u32, &str, &str)> = TableDefinition::new("validities");
const ENTITY_ALIASES: TableDefinition<u32, (u32, &str)> = TableDefinition::new("entity_aliases");
const PREDICATE_ALIASES: TableDefinition<u32, (u32, &str)> = TableDefinition::new("predicate_aliases");

const FORMAT_KEY: &str = "format";

/// Facts between two signs of life; some tenths of a second.
const FACTS_PER_PROGRESS: usize = 100_000;

/// The format that the database says it has.
pub(super) fn format(transaction: &ReadTransaction, tables: &[String]) -> Result<Option<u64>, Fault> {
    if !tables.iter().any(|table| table == "meta") {
        return Ok(None);
    }
    Ok(transaction.open_table(META)?.get(FORMAT_KEY)?.map(|format| format.value()))
}

pub(super) fn read(transaction: &ReadTransaction) -> Result<Content, Fault> {
    let entities = read_names(transaction, ENTITIES)?;
    let predicates = read_names(transaction, PREDICATES)?;
    Ok(Content {
        facts: read_facts(transaction, entities.len(), predicates.len())?,
        validities: read_validities(transaction)?,
        entity_aliases: read_aliases(transaction, ENTITY_ALIASES, entities.len())?,
        predicate_aliases: read_aliases(transaction, PREDICATE_ALIASES, predicates.len())?,
        entities,
        predicates,
    })
}

fn read_facts(transaction: &ReadTransaction, entities: u32, predicates: u32) -> Result<Vec<Triple>, Fault> {
    let mut facts = Vec::new();
    for row in transaction.open_table(FACTS)?.iter()? {
        let [subject, predicate, object] = row?.1.value();
        if subject.max(object) >= entities || predicate >= predicates {
            return Err(Fault::Damaged("a fact has a name that is not there"));
        }
        facts.push([subject, predicate, object]);
    }
    Ok(facts)
}

fn read_validities(transaction: &ReadTransaction) -> Result<Vec<(u32, Validity)>, Fault> {
    let mut validities = Vec::new();
    for row in transaction.open_table(VALIDITIES)?.iter()? {
        let row = row?.1;
        let (fact, start, end) = row.value();
        validities.push((fact, Validity { start: date(start)?, end: date(end)? }));
    }
    Ok(validities)
}

fn read_names(transaction: &ReadTransaction, table: TableDefinition<u32, &str>) -> Result<Strings, Fault> {
    let mut names = Strings::default();
    for row in transaction.open_table(table)?.iter()? {
        let (number, name) = row?;
        if names.intern(name.value()).map_err(Fault::TooLarge)? != number.value() {
            return Err(Fault::Damaged("names are not numbered one after the other"));
        }
    }
    Ok(names)
}

fn read_aliases(
    transaction: &ReadTransaction,
    table: TableDefinition<u32, (u32, &str)>,
    named: u32,
) -> Result<Aliases, Fault> {
    let mut aliases = Aliases::default();
    for row in transaction.open_table(table)?.iter()? {
        let row = row?.1;
        let (number, alias) = row.value();
        if number >= named {
            return Err(Fault::Damaged("an alias is of a name that is not there"));
        }
        aliases.push(number, alias).map_err(Fault::TooLarge)?;
    }
    Ok(aliases)
}

fn date(text: &str) -> Result<Option<PartialDate>, Fault> {
    match text {
        "" => Ok(None),
        _ => text.parse().map(Some).map_err(|_| Fault::Damaged("a validity is no date")),
    }
}

/// Makes a new database with this content, synced and closed.
pub(super) fn write(path: &Path, content: &Content, progress: OnProgress<'_>) -> Result<(), Fault> {
    let database = Database::create(path)?;
    let transaction = database.begin_write()?;
    transaction.open_table(META)?.insert(FORMAT_KEY, RECORD_FORMAT)?;
    write_names(&transaction, ENTITIES, &content.entities)?;
    write_names(&transaction, PREDICATES, &content.predicates)?;
    write_facts(&transaction, &content.facts, progress)?;
    write_validities(&transaction, &content.validities)?;
    write_aliases(&transaction, ENTITY_ALIASES, &content.entity_aliases)?;
    write_aliases(&transaction, PREDICATE_ALIASES, &content.predicate_aliases)?;
    progress(Progress::Step("committing the facts of record"));
    transaction.commit()?;
    progress(Progress::Step("closing the facts of record"));
    Ok(database.close()?)
}

fn write_facts(
    transaction: &WriteTransaction,
    facts: &[Triple],
    progress: OnProgress<'_>,
) -> Result<(), Fault> {
    let mut table = transaction.open_table(FACTS)?;
    for (number, triple) in facts.iter().enumerate() {
        table.insert(number as u32, triple)?;
        if number % FACTS_PER_PROGRESS == 0 {
            progress(Progress::Stored { facts: number, total: facts.len() });
        }
    }
    Ok(())
}

fn write_names(
    transaction: &WriteTransaction,
    table: TableDefinition<u32, &str>,
    names: &Strings,
) -> Result<(), Fault> {
    let mut table = transaction.open_table(table)?;
    for number in 0..names.len() {
        table.insert(number, names.get(number))?;
    }
    Ok(())
}

fn write_validities(transaction: &WriteTransaction, validities: &[(u32, Validity)]) -> Result<(), Fault> {
    let mut table = transaction.open_table(VALIDITIES)?;
    let text = |date: Option<PartialDate>| date.map(|date| date.to_string()).unwrap_or_default();
    for (number, (fact, validity)) in validities.iter().enumerate() {
        table.insert(number as u32, (*fact, &*text(validity.start), &*text(validity.end)))?;
    }
    Ok(())
}

fn write_aliases(
    transaction: &WriteTransaction,
    table: TableDefinition<u32, (u32, &str)>,
    aliases: &Aliases,
) -> Result<(), Fault> {
    let mut table = transaction.open_table(table)?;
    for (number, (named, text)) in aliases.pairs.iter().enumerate() {
        table.insert(number as u32, (*named, aliases.texts.get(*text)))?;
    }
    Ok(())
}
