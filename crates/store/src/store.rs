//! The knowledge base of a running server: the version that is served now, and changes to it.
//! A change is durable before anybody sees it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use find_facts_core::{Fact, FactStore, KbVersion, Part};

use crate::folder::{Folder, FolderError};
use crate::image::{self, Image, NoImage};
use crate::import::BadLines;
use crate::index::{Index, Names};
use crate::progress::{OnProgress, Progress};
use crate::strings::TooLarge;
use crate::text::{self, InvalidName};

/// A knowledge base being served.
#[derive(Debug)]
pub struct Store {
    current: ArcSwap<Index>,
    writer: Mutex<()>,
    index_origin: IndexOrigin,
}

/// Where the index came from.
#[derive(Debug)]
pub enum IndexOrigin {
    /// The file of an earlier start, opened in place.
    Opened,
    /// The knowledge base, because there was no file to use.
    Built(NoImage),
}

/// The index file's name in the state folder.
const INDEX_FILE: &str = "kb.index";

/// Why a knowledge base could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The state folder cannot be written to.
    #[error("cannot use the state folder `{}`", folder.display())]
    State {
        /// Which one.
        folder: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The folder cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// There is too much in it.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
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

impl Store {
    /// Opens the knowledge base in `kb`, which is only read, with what was changed at run time according to `state`.
    pub fn open(kb: &Path, state: &Path, progress: OnProgress<'_>) -> Result<Self, OpenError> {
        let failed = |source| OpenError::State { folder: state.to_owned(), source };
        fs::create_dir_all(state).map_err(failed)?;
        let file = state.join(INDEX_FILE);
        let folder = Folder::find(kb)?;
        let (image, index_origin) = match Image::open(&file, &folder.digest()?) {
            Ok(image) => (image, IndexOrigin::Opened),
            Err(reason) => {
                let read = folder.read(BadLines::Stop, progress)?;
                progress(Progress::Step("building the index"));
                let image = image::build(&read.content, &read.digest)?;
                progress(Progress::Step("writing the index"));
                image.save(&file).map_err(failed)?;
                (image, IndexOrigin::Built(reason))
            }
        };
        let current = ArcSwap::from_pointee(Index::of(image, KbVersion(1)));
        Ok(Self { current, writer: Mutex::new(()), index_origin })
    }

    /// Where the index came from when the store was opened.
    pub fn index_origin(&self) -> &IndexOrigin {
        &self.index_origin
    }

    /// The version that is served now.
    pub fn current(&self) -> Arc<Index> {
        self.current.load_full()
    }

    /// Removes and adds facts, all of them or none; a fact in both lists ends up added. Adding one that is there
    /// and removing one that is not changes nothing.
    pub fn apply(&self, add: &[Fact], remove: &[Fact]) -> Result<Applied, ApplyError> {
        let (add, remove) = (names("add", add)?, names("remove", remove)?);
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let change = self.current().changed(&add, &remove)?;
        let applied = Applied {
            version: change.index.version(),
            added: change.added.len(),
            removed: change.removed.len(),
        };
        self.current.store(Arc::new(change.index));
        Ok(applied)
    }
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
