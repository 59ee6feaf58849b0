//! The configuration file: values by dotted key with the place they stand at, and keys nobody knows.

use std::collections::BTreeSet;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::setting::Shape;

/// The file under its name, as text.
#[derive(Debug, Clone)]
pub struct File {
    /// For messages.
    pub name: String,
    /// Its content.
    pub text: String,
}

impl File {
    /// From a path; the error is the operating system's.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        Ok(Self { name: path.display().to_string(), text: std::fs::read_to_string(path)? })
    }

    /// The 1-based line and column of a byte.
    pub(crate) fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// The value at a dotted key.
pub(crate) fn look_up<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t Spanned<DeValue<'i>>> {
    match key.split_once('.') {
        None => table.get(key),
        Some((first, rest)) => look_up(table.get(first)?.get_ref().as_table()?, rest),
    }
}

/// A value's shape and its text as the environment would have it; `None` for a table, a date, or a list of anything but text.
pub(crate) fn text_of(value: &DeValue<'_>) -> Option<(Shape, String)> {
    Some(match value {
        DeValue::Boolean(value) => (Shape::Bool, value.to_string()),
        DeValue::Integer(value) => {
            (Shape::Number, i64::from_str_radix(value.as_str(), value.radix()).ok()?.to_string())
        }
        DeValue::Float(value) => (Shape::Number, value.as_str().to_owned()),
        DeValue::String(value) => (Shape::Text, value.to_string()),
        DeValue::Array(items) => {
            let item = |item: &Spanned<DeValue<'_>>| Some(item.get_ref().as_str()?.to_owned());
            let items: Vec<String> = items.iter().map(item).collect::<Option<_>>()?;
            let splits = items.iter().any(|item| item.contains(','));
            (Shape::List, (!splits).then(|| items.join(","))?)
        }
        DeValue::Datetime(_) | DeValue::Table(_) => return None,
    })
}

/// Keys of the file that are neither known nor a group of known ones, with the byte each stands at.
pub(crate) fn unknown_keys(table: &DeTable<'_>, known: &BTreeSet<String>) -> Vec<(usize, String)> {
    let mut unknown = Vec::new();
    collect_unknown("", table, known, &mut unknown);
    unknown
}

fn collect_unknown(
    prefix: &str,
    table: &DeTable<'_>,
    known: &BTreeSet<String>,
    into: &mut Vec<(usize, String)>,
) {
    for (key, value) in table {
        let path = format!("{prefix}{}", key.get_ref());
        let group = format!("{path}.");
        match value.get_ref().as_table() {
            _ if known.contains(&path) => {}
            Some(inner) if known.iter().any(|key| key.starts_with(&group)) => {
                collect_unknown(&group, inner, known, into);
            }
            _ => into.push((key.span().start, path)),
        }
    }
}

/// The key most like `given`, or the group when only that is wrong; nothing when all are far away.
pub(crate) fn nearest(given: &str, known: &BTreeSet<String>) -> Option<String> {
    let depth = given.split('.').count();
    let group = |key: &String| key.split('.').take(depth).collect::<Vec<_>>().join(".");
    let candidates: BTreeSet<String> = known.iter().flat_map(|key| [key.clone(), group(key)]).collect();
    let scored = candidates.into_iter().map(|key| (strsim::jaro_winkler(given, &key), key));
    // 0.75 keeps a swapped or missing letter, and drops keys that only begin alike.
    scored.filter(|(score, _)| *score > 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, key)| key)
}
