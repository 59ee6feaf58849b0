//! Recording in the catalogue what a first, explicit pull has brought. Writes only what it has computed, and never
//! over a digest that is there; comments and order stay.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, TableLike, value};

use crate::catalogue::{Catalogue, CatalogueError, Entry, Kind, UnknownModel};
use crate::digest::Digest;
use crate::home::{Home, is_commit};
use crate::verify::{Finding, VerifyError, verify};

/// A file whose digest and size now stand in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedFile {
    /// Its name in the catalogue.
    pub name: String,
    /// Its digest.
    pub sha256: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// The catalogue cannot be used.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The catalogue has no such entry.
    #[error(transparent)]
    Unknown(#[from] UnknownModel),
    /// A file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] VerifyError),
    /// There is nothing to compute a digest of.
    #[error("`{file}` of `{id}` has not been pulled")]
    Missing {
        /// The entry's key.
        id: String,
        /// The file.
        file: String,
    },
    /// The catalogue says otherwise, and is not changed by what may be a bad file.
    #[error("`{file}` of `{id}` is {found}, but the catalogue has {expected}")]
    Differs {
        /// The entry's key.
        id: String,
        /// The file.
        file: String,
        /// The catalogue's digest.
        expected: Digest,
        /// The file's own.
        found: Digest,
    },
    /// The catalogue's text has a form that cannot be edited.
    #[error("`{id}` in `{}` cannot be edited", path.display())]
    Form {
        /// The entry's key.
        id: String,
        /// The catalogue.
        path: PathBuf,
    },
    /// The catalogue cannot be written.
    #[error("the catalogue `{}` cannot be written", path.display())]
    Write {
        /// The catalogue.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl PinError {
    /// Its page under `docs/errors/`, where it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Catalogue(_) | Self::Form { .. } => Some("model-catalogue-invalid"),
            Self::Unknown(_) => Some("unknown-model"),
            Self::Missing { .. } => Some("model-missing"),
            Self::Differs { .. } => Some("model-damaged"),
            Self::Unreadable(_) | Self::Write { .. } => None,
        }
    }

    /// What the operator can do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { id, .. } => Some(format!("`deployctl models pull {id}` gets it")),
            Self::Differs { id, .. } => Some(format!(
                "`deployctl models pull {id}` replaces a damaged file; to take the new one, remove the digest by hand"
            )),
            Self::Form { .. } => Some(
                "write the entry's files as `[[models.<id>.files]]` tables, or pin it by hand".to_owned(),
            ),
            _ => None,
        }
    }
}

/// Records digest, size and, of a model from the hub, the commit for every file of the entry that has none.
pub fn pin(catalogue: &Path, name: &str, home: &Home) -> Result<Vec<PinnedFile>, PinError> {
    let parsed = Catalogue::read(catalogue)?;
    let entry = parsed.get(name)?;
    let files = unpinned(home, entry)?;
    if files.is_empty() {
        return Ok(files);
    }
    let write = |source| PinError::Write { path: catalogue.to_owned(), source };
    let form = || PinError::Form { id: entry.id.clone(), path: catalogue.to_owned() };
    let mut document: DocumentMut =
        fs::read_to_string(catalogue).map_err(write)?.parse().map_err(|_| form())?;
    edit(&mut document, entry, &files, commit(home, entry)).ok_or_else(form)?;
    replace(catalogue, &document.to_string()).map_err(write)?;
    Ok(files)
}

fn unpinned(home: &Home, entry: &Entry) -> Result<Vec<PinnedFile>, PinError> {
    let (id, mut files) = (entry.id.clone(), Vec::new());
    for check in verify(home, entry)? {
        match check.finding {
            Finding::Verified { .. } => {}
            Finding::Unpinned { sha256, size } => files.push(PinnedFile { name: check.name, sha256, size }),
            Finding::Missing => return Err(PinError::Missing { id, file: check.name }),
            Finding::Damaged { expected, found, .. } => {
                return Err(PinError::Differs { id, file: check.name, expected, found });
            }
        }
    }
    Ok(files)
}

/// The commit that a branch or tag meant at the pull.
fn commit(home: &Home, entry: &Entry) -> Option<String> {
    match &entry.kind {
        Kind::Model { revision, .. } if !is_commit(revision) => {
            entry.files.iter().find_map(|file| home.place(entry, file).commit())
        }
        _ => None,
    }
}

/// `None` where the text has not the form that this edits.
fn edit(
    document: &mut DocumentMut,
    entry: &Entry,
    files: &[PinnedFile],
    commit: Option<String>,
) -> Option<()> {
    let group = if entry.kind == Kind::Runtime { "runtime" } else { "models" };
    let table = document.get_mut(group)?.get_mut(&entry.id)?.as_table_like_mut()?;
    if let Some(commit) = commit {
        set(table, "revision", commit);
    }
    let tables = table.get_mut("files")?.as_array_of_tables_mut()?;
    for file in files {
        let named =
            |table: &&mut toml_edit::Table| table.get("name").and_then(|n| n.as_str()) == Some(&file.name);
        let table = tables.iter_mut().find(named)?;
        set(table, "size", i64::try_from(file.size).ok()?);
        set(table, "sha256", file.sha256.to_string());
    }
    Some(())
}

/// Replaces a value and keeps what stands around it.
fn set(table: &mut dyn TableLike, key: &str, new: impl Into<toml_edit::Value>) {
    let mut new = new.into();
    if let Some(old) = table.get(key).and_then(|item| item.as_value()) {
        *new.decor_mut() = old.decor().clone();
    }
    table.insert(key, value(new));
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_added_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)
}
