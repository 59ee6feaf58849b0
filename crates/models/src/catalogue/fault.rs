//! A fault in a catalogue, at its line and column, with the key that was probably meant.

use std::io;
use std::ops::Range;

/// Below this likeness a suggestion would puzzle more than help: one slip in three letters is above it.
const LIKE: f64 = 0.65;

/// Why a catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file cannot be read.
    #[error("the catalogue `{name}` cannot be read")]
    Unreadable {
        /// The file.
        name: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The text is not a catalogue.
    #[error("`{name}`, line {line}, column {column}: {message}")]
    Invalid {
        /// The file.
        name: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
        /// What is wrong, what is accepted, and the nearest name where there is one.
        message: String,
    },
}

/// What is wrong, and where in the text.
#[derive(Debug)]
pub(super) struct Fault {
    span: Range<usize>,
    message: String,
}

impl Fault {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }

    pub(super) fn into_error(self, name: &str, text: &str) -> CatalogueError {
        let before = text.get(..self.span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        CatalogueError::Invalid {
            name: name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: self.message,
        }
    }
}

impl From<toml::de::Error> for Fault {
    fn from(error: toml::de::Error) -> Self {
        let mut message = error.message().trim().replace('\n', ", ");
        // serde says: unknown field `given`, expected one of `first`, `second`
        let mut quoted = error.message().split('`').skip(1).step_by(2);
        if error.message().starts_with("unknown field")
            && let Some(given) = quoted.next()
            && let Some(nearest) = nearest(given, quoted)
        {
            message.push_str(&format!("; did you mean `{nearest}`?"));
        }
        Self { span: error.span().unwrap_or(0..0), message }
    }
}

/// The name that looks most like the one given.
pub(super) fn nearest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |name: &str| {
        let (given, name) = (given.to_lowercase(), name.to_lowercase());
        // A slip of the fingers, or a name cut short.
        let cut_short = if name.starts_with(&given) { strsim::jaro_winkler(&given, &name) } else { 0.0 };
        strsim::normalized_damerau_levenshtein(&given, &name).max(cut_short)
    };
    names
        .map(|name| (likeness(name), name))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
