//! The shipped plans, and what they say at a path: checking goes on behind a fault with the shipped value in its place.

use std::ops::Range;

use serde_path_to_error::{Path, Segment};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

/// The shipped plan of a phase.
pub(super) fn shipped(phase: i64) -> Option<&'static str> {
    match phase {
        1 => Some(include_str!("../../../../deploy-plans/phase1.toml")),
        2 => Some(include_str!("../../../../deploy-plans/phase2.toml")),
        3 => Some(include_str!("../../../../deploy-plans/phase3.toml")),
        _ => None,
    }
}

/// A step into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// The steps of a deserialiser's path.
pub(super) fn steps(path: &Path) -> Vec<Step> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(Step::Key(key.clone())),
            Segment::Seq { index } => Some(Step::Index(*index)),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// The steps of a path as people write it: `exposure[0].watch`.
pub(super) fn parse_path(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for name in text.split('.').filter(|name| !name.is_empty()) {
        let mut pieces = name.split('[');
        steps.extend(pieces.next().map(|key| Step::Key(key.to_owned())));
        steps.extend(pieces.filter_map(|index| index.trim_end_matches(']').parse().ok().map(Step::Index)));
    }
    steps
}

/// A path as people write it.
pub(super) fn path_text(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |text, step| match step {
        Step::Key(key) if text.is_empty() => key.clone(),
        Step::Key(key) => format!("{text}.{key}"),
        Step::Index(index) => format!("{text}[{index}]"),
    })
}

/// A parsed document whose values know where they stand.
pub(super) struct Document<'t>(Spanned<DeValue<'t>>);

impl<'t> Document<'t> {
    /// The document, or every fault of its syntax.
    pub(super) fn parse(text: &'t str) -> Result<Self, Vec<Error>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            return Err(errors);
        }
        let span = table.span();
        Ok(Self(Spanned::new(span, DeValue::Table(table.into_inner()))))
    }

    /// A copy of the document's table.
    pub(super) fn table(&self) -> Spanned<DeTable<'t>> {
        let table = self.0.get_ref().as_table().cloned().unwrap_or_default();
        Spanned::new(self.0.span(), table)
    }

    /// The value at a path.
    pub(super) fn get(&self, steps: &[Step]) -> Option<&Spanned<DeValue<'t>>> {
        steps.iter().try_fold(&self.0, |value, step| match step {
            Step::Key(key) => value.get_ref().get(key),
            Step::Index(index) => value.get_ref().get(*index),
        })
    }

    /// Where the value at a path stands, or the nearest that is there above it.
    pub(super) fn span(&self, steps: &[Step]) -> Range<usize> {
        (0..=steps.len()).rev().find_map(|length| self.get(&steps[..length])).unwrap_or(&self.0).span()
    }

    /// Gives the value at a path another key; `false` where that is taken.
    pub(super) fn rename(&mut self, steps: &[Step], to: String) -> bool {
        let Some((Step::Key(key), parent)) = steps.split_last() else { return false };
        let parent = parent.iter().try_fold(self.0.get_mut(), |value, step| child(value, step));
        let Some(DeValue::Table(table)) = parent else { return false };
        if table.contains_key(to.as_str()) {
            return false;
        }
        let Some((old, value)) = table.remove_entry(key.as_str()) else { return false };
        table.insert(Spanned::new(old.span(), to.into()), value);
        true
    }

    /// Puts another document's value at a path, or nothing where that has none.
    pub(super) fn replace(&mut self, steps: &[Step], other: &Document<'t>) {
        let Some((last, parent)) = steps.split_last() else { return };
        let template = other.get(&first_elements(steps)).cloned();
        let parent = parent.iter().try_fold(self.0.get_mut(), |value, step| child(value, step));
        match (parent, last) {
            (Some(DeValue::Table(table)), Step::Key(key)) => {
                table.remove(key.as_str());
                if let Some(value) = template {
                    table.insert(Spanned::new(0..0, key.clone().into()), value);
                }
            }
            (Some(DeValue::Array(array)), Step::Index(index)) => {
                if let (Some(place), Some(value)) = (array.get_mut(*index), template) {
                    *place = value;
                }
            }
            _ => {}
        }
    }
}

fn child<'v, 't>(value: &'v mut DeValue<'t>, step: &Step) -> Option<&'v mut DeValue<'t>> {
    match (value, step) {
        (DeValue::Table(table), Step::Key(key)) => table.get_mut(key.as_str()).map(Spanned::get_mut),
        (DeValue::Array(array), Step::Index(index)) => array.get_mut(*index).map(Spanned::get_mut),
        _ => None,
    }
}

/// The path with every index 0: a shipped list has at least one element, and all have one form.
fn first_elements(steps: &[Step]) -> Vec<Step> {
    steps
        .iter()
        .map(|step| match step {
            Step::Index(_) => Step::Index(0),
            key @ Step::Key(_) => key.clone(),
        })
        .collect()
}
