//! The knowledge base of a running server: the version that is served now, and changes to it.
//! A change is durable before anybody sees it, and whoever reads sees all of it or nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use find_facts_core::{Fact, FactStore, KbVersion, Part};

use crate::changes::{CHANGES_FORMAT, ChangeLog, Changes};
use crate::database::DatabaseError;
use crate::folder::{Folder, FolderError};
use crate::image::{self, Digest, Image};
use crate::import::BadLines;
use crate::index::{Change, Index, Names};
use crate::lock::{Lock, LockError};
use crate::progress::{OnProgress, Progress};
use crate::strings::TooLarge;
use crate::text::{self, InvalidName};

/// A knowledge base being served.
#[derive(Debug)]
pub struct Store {
    current: ArcSwap<Index>,
    /// Held while a change is made.
    log: Mutex<ChangeLog>,
    _lock: Lock,
}

/// Names in the state folder.
const INDEX_FILE: &str = "kb.index";
const CHANGES_FILE: &str = "kb.changes.redb";
const LOCK_FILE: &str = "kb.lock";

/// Why a knowledge base could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The state folder cannot be made.
    #[error("cannot make the state folder `{}`", folder.display())]
    State {
        /// Which one.
        folder: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another process serves from the state folder.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The knowledge base cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The facts changed at run time cannot be read.
    #[error(transparent)]
    Changes(#[from] DatabaseError),
    /// There is too much in it.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

impl OpenError {
    /// Its page under `docs/errors/`, where it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Lock(error) => error.code(),
            Self::Folder(error) => error.code(),
            Self::Changes(error) => error.code(),
            Self::State { .. } | Self::TooLarge(_) => None,
        }
    }
}

/// Why a change was refused. Nothing of it has been applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// A text of it cannot be a name.
    #[error("the {part} of fact {number} of `{list}` {reason}", number = .index + 1)]
    Name {
        /// `add` or `remove`.
        list: &'static str,
        /// Which fact of the list, from 0.
        index: usize,
        /// Which of its parts.
        part: Part,
        /// What is wrong with it.
        reason: InvalidName,
    },
    /// It could not be made durable.
    #[error(transparent)]
    Log(#[from] DatabaseError),
    /// There would be too many facts.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// What a change came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The version that has the change.
    pub version: KbVersion,
    /// How many facts were not there before.
    pub added: usize,
    /// How many facts were there before.
    pub removed: usize,
}

/// The format of what the store has written into its state folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The format that is there.
    pub version: u32,
    /// The format that this program writes.
    pub latest: u32,
}

impl Store {
    /// Opens the knowledge base in `kb`, which is only read, with what was changed at run time according to `state`,
    /// which is made where it is missing and is this store's alone for as long as it is open.
    pub fn open(kb: &Path, state: &Path, progress: OnProgress<'_>) -> Result<Self, OpenError> {
        fs::create_dir_all(state).map_err(|source| OpenError::State { folder: state.to_owned(), source })?;
        let lock = Lock::take(state, LOCK_FILE)?;
        let mut log = ChangeLog::open(&state.join(CHANGES_FILE))?;
        let (image, digest) = open_image(kb, &state.join(INDEX_FILE), progress)?;
        let version = log.serve(&digest)?;
        progress(Progress::Step("replaying the facts changed at run time"));
        let index = Index::of(image, version).changed(&log.changes()?)?.index;
        let index = if index.is_worth_folding() { index.folded()? } else { index };
        let current = ArcSwap::from_pointee(index.served_as(version));
        Ok(Self { current, log: Mutex::new(log), _lock: lock })
    }

    /// The version that is served now.
    pub fn current(&self) -> Arc<Index> {
        self.current.load_full()
    }

    /// Removes and adds facts, all of them or none; a fact in both lists ends up added. Adding one that is there and
    /// removing one that is not changes nothing. Returns when the change is durable and visible.
    pub fn apply(&self, add: &[Fact], remove: &[Fact]) -> Result<Applied, ApplyError> {
        let changes = Changes { removed: names("remove", remove)?, added: names("add", add)? };
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let Change { index, effective } = self.current().changed(&changes)?;
        let applied = Applied {
            version: index.version(),
            added: effective.added.len(),
            removed: effective.removed.len(),
        };
        if effective == Changes::default() {
            return Ok(applied);
        }
        let index = if index.is_worth_folding() { index.folded()? } else { index };
        log.note(applied.version, &effective)?;
        self.current.store(Arc::new(index));
        Ok(applied)
    }

    /// The format of what is in the state folder.
    pub fn schema(&self) -> Result<Schema, DatabaseError> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Schema { version: log.format()? as u32, latest: CHANGES_FORMAT as u32 })
    }

    /// Brings what is in the state folder to the latest format; nothing happens where it is. So does any change.
    pub fn migrate(&self) -> Result<Schema, DatabaseError> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).migrate()?;
        self.schema()
    }
}

/// The index of the knowledge base alone: from its file if there is a fitting one, otherwise built anew and kept.
fn open_image(kb: &Path, file: &Path, progress: OnProgress<'_>) -> Result<(Image, Digest), OpenError> {
    let folder = Folder::find(kb)?;
    progress(Progress::Step("comparing the index with the knowledge base"));
    let digest = folder.digest()?;
    match Image::open(file, &digest) {
        Ok(image) => return Ok((image, digest)),
        Err(because) => progress(Progress::Step(&format!("building the index anew: {because}"))),
    }
    let read = folder.read(BadLines::Stop, progress)?;
    let image = image::build(&read.content, &read.digest)?;
    progress(Progress::Step("writing the index"));
    if let Err(error) = image.save(file) {
        // It is served from memory all the same; the next start takes longer, that is all.
        progress(Progress::Step(&format!("the index could not be kept: {error}")));
    }
    Ok((image, read.digest))
}

fn names(list: &'static str, facts: &[Fact]) -> Result<Vec<Names>, ApplyError> {
    let named = facts.iter().enumerate().map(|(index, fact)| {
        let parts = [&fact.subject, &fact.predicate, &fact.object];
        let names =
            text::names(&parts).map_err(|(part, reason)| ApplyError::Name { list, index, part, reason })?;
        Ok(names.map(|name| name.into()))
    });
    named.collect()
}
