//! Tab-separated lines: facts with or without a validity, and the two kinds of aliases. There is no header,
//! no quoting and no escape: what stands between two tabs is the name.

use find_facts_core::Validity;

use super::{LineError, name, validity};
use crate::builder::{Added, Builder};
use crate::text;

/// `subject, predicate, object`, or with `start, end` of the validity, each of which may be empty.
pub(super) fn fact(line: &str, builder: &mut Builder) -> Result<Added, LineError> {
    let columns: Vec<&str> = line.split('\t').collect();
    let (parts, validity) = match columns[..] {
        [subject, predicate, object] => ([subject, predicate, object], Validity::default()),
        [subject, predicate, object, start, end] => ([subject, predicate, object], validity(start, end)?),
        _ => return Err(columns_error(columns.len(), "3 (subject, predicate, object) or 5 (start, end)")),
    };
    let names =
        text::names(&parts).map_err(|(part, reason)| LineError::Name { what: part.name(), reason })?;
    Ok(builder.add_fact(names.each_ref().map(AsRef::as_ref), validity)?)
}

/// `entity, alias`.
pub(super) fn entity_alias(line: &str, builder: &mut Builder) -> Result<Added, LineError> {
    let [entity, alias] = pair(line, "2 (entity, alias)")?;
    let (entity, alias) = (name("entity", entity)?, name("alias", alias)?);
    Ok(builder.add_entity_alias(&entity, &alias)?)
}

/// `predicate, alias`.
pub(super) fn predicate_alias(line: &str, builder: &mut Builder) -> Result<Added, LineError> {
    let [predicate, alias] = pair(line, "2 (predicate, alias)")?;
    let (predicate, alias) = (name("predicate", predicate)?, name("alias", alias)?);
    Ok(builder.add_predicate_alias(&predicate, &alias)?)
}

fn pair<'a>(line: &'a str, expected: &'static str) -> Result<[&'a str; 2], LineError> {
    let columns: Vec<&str> = line.split('\t').collect();
    columns[..].try_into().map_err(|_| columns_error(columns.len(), expected))
}

fn columns_error(found: usize, expected: &'static str) -> LineError {
    LineError::Columns { found, expected }
}
