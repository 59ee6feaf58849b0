//! What the cache holds of an entry, told from names and sizes alone: no content is read. What [`crate::Puller`] puts
//! there was verified before it got its name; [`crate::verify`] reads it all again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::catalogue::{Catalogue, Entry, FileSpec, Source, UnknownModel};
use crate::home::Home;

/// The files of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The entry's key.
    pub id: String,
    /// The path of every file, by its name in the catalogue.
    pub files: BTreeMap<String, PathBuf>,
}

impl Located {
    /// The path of the file with this name.
    pub fn file(&self, name: &str) -> Result<PathBuf, NotLocated> {
        self.files
            .get(name)
            .cloned()
            .ok_or_else(|| NotLocated::NoSuchFile { id: self.id.clone(), name: name.to_owned() })
    }
}

/// Why files were not found.
#[derive(Debug, thiserror::Error)]
pub enum NotLocated {
    /// The catalogue has no such entry.
    #[error(transparent)]
    Unknown(#[from] UnknownModel),
    /// The entry is there, but not the file asked for.
    #[error("`{id}` has no file `{name}` in the catalogue")]
    NoSuchFile {
        /// The entry's key.
        id: String,
        /// The file.
        name: String,
    },
    /// Where the operator said that a file lies, something else does.
    #[error("`{}` of `{id}` is no file, but a folder, a FIFO, a socket or a device", path.display())]
    NotAFile {
        /// The entry's key.
        id: String,
        /// Where.
        path: PathBuf,
    },
    /// Files have not been pulled.
    #[error("`{}` of `{id}` is missing in `{}`", files.join("`, `"), home.display())]
    Missing {
        /// The entry's key.
        id: String,
        /// What is missing.
        files: Vec<String>,
        /// Where it was looked for.
        home: PathBuf,
    },
}

impl NotLocated {
    /// What the operator can do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown(_) | Self::NoSuchFile { .. } | Self::NotAFile { .. } => None,
            Self::Missing { id, .. } => {
                Some(format!("run `cargo xtask setup`, or `deployctl models pull {id}`"))
            }
        }
    }
}

/// How much of an entry is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// Bytes of files that are there, and of those that were begun.
    pub bytes: u64,
    /// Whether every file is there.
    pub complete: bool,
}

/// The files of the entry `name`, by key or alias; an error that names what is missing.
pub fn locate(home: &Home, catalogue: &Catalogue, name: &str) -> Result<Located, NotLocated> {
    let entry = catalogue.get(name)?;
    let mut located = Located { id: entry.id.clone(), files: BTreeMap::new() };
    let mut missing = Vec::new();
    for file in &entry.files {
        match present(home, entry, file) {
            Some(path) => drop(located.files.insert(file.name.clone(), path)),
            None => match in_its_place(file) {
                Some(path) => return Err(NotLocated::NotAFile { id: located.id, path }),
                None => missing.push(file.name.clone()),
            },
        }
    }
    if missing.is_empty() {
        return Ok(located);
    }
    Err(NotLocated::Missing { id: located.id, files: missing, home: home.root().to_owned() })
}

/// How much of an entry is there.
pub fn holding(home: &Home, entry: &Entry) -> Holding {
    let size = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
    let mut holding = Holding { bytes: 0, complete: true };
    for file in &entry.files {
        match present(home, entry, file) {
            Some(path) => holding.bytes += size(&path),
            None => {
                holding.complete = false;
                let begun = file.sha256.map(|digest| home.place(entry, file).partial(&digest.to_string()));
                holding.bytes += begun.map_or(0, |path| size(&path));
            }
        }
    }
    holding
}

/// What lies where the operator said that the file does, and is none.
fn in_its_place(file: &FileSpec) -> Option<PathBuf> {
    file.sources.iter().find_map(|source| match source {
        Source::Path(path) if path.exists() && !path.is_file() => Some(path.clone()),
        _ => None,
    })
}

/// The file, where the operator said it lies, else in the cache.
pub(crate) fn present(home: &Home, entry: &Entry, file: &FileSpec) -> Option<PathBuf> {
    let local = file.sources.iter().find_map(|source| match source {
        Source::Path(path) if path.is_file() => Some(path.clone()),
        _ => None,
    });
    let path = local.or_else(|| home.place(entry, file).find(file.sha256))?;
    let fits = file.size.is_none_or(|size| path.metadata().is_ok_and(|metadata| metadata.len() == size));
    fits.then_some(path)
}
