//! What the server remembers: one folder, held by one server at a time, with a file for each thing. What these say is
//! on the disk when they have said it.

mod audit;
mod cells;
mod events;
mod file;
mod generations;
mod numbered;

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

pub use audit::AuditLog;
pub use cells::Cells;
pub use events::Events;
pub use generations::{Generations, NewGeneration, Outcome};

/// The state folder, locked. Dropping it gives it free.
pub struct State {
    /// Where it is.
    pub folder: PathBuf,
    /// Every generation of the flags, and the outcomes of writes with an idempotency key.
    pub generations: Generations,
    /// What happened.
    pub events: Events,
    /// Who changed what.
    pub audit: AuditLog,
    /// Lease and rollout state.
    pub cells: Cells,
    _lock: File,
}

/// Why the state cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Another process has it.
    #[error(
        "the state folder `{}` is in use by another server; stop that one, or give this one a `--state` of its own",
        .0.display()
    )]
    InUse(PathBuf),
    /// The operating system refused.
    #[error("the state folder's `{}` cannot be used", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The database refused.
    #[error("the state file `{}` failed", path.display())]
    Database {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<redb::Error>,
    },
    /// A record is not what this version writes.
    #[error("record `{key}` of the state file `{}` cannot be read", path.display())]
    Record {
        /// Which file.
        path: PathBuf,
        /// Which record.
        key: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl StateError {
    /// Its page under `docs/errors/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InUse(_) => "state-in-use",
            Self::Io { .. } | Self::Database { .. } | Self::Record { .. } => "state-file",
        }
    }

    /// What the operator can do.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::InUse(_) => None,
            Self::Io { .. } => Some("the folder has to be there, writable, and not full"),
            Self::Database { .. } | Self::Record { .. } => Some(
                "look at space and rights; a damaged file comes from a backup, or is moved away and what it held is forgotten",
            ),
        }
    }
}

impl State {
    /// Opens the folder, which is made where it is missing, and locks it.
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        let lock = lock(folder)?;
        Ok(Self {
            generations: Generations::open(folder.join("flags.redb"))?,
            events: Events::open(folder.join("events.redb"))?,
            audit: AuditLog::open(folder.join("audit.redb"))?,
            cells: Cells::open(folder.join("control.redb"))?,
            folder: folder.to_owned(),
            _lock: lock,
        })
    }

    /// The red button: while this file is there, every tier is off.
    pub fn disable_file(&self) -> PathBuf {
        self.folder.join("DISABLE")
    }
}

fn lock(folder: &Path) -> Result<File, StateError> {
    let path = folder.join("server.lock");
    let io_error = |source| StateError::Io { path: path.clone(), source };
    std::fs::create_dir_all(folder).map_err(io_error)?;
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io_error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StateError::InUse(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(io_error(source)),
    }
}

/// Unix milliseconds.
pub fn unix_ms(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_refused_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let first = State::open(folder.path()).unwrap();
        let second = State::open(folder.path()).map(|_| ()).unwrap_err();
        assert!(matches!(second, StateError::InUse(_)), "{second}");
        drop(first);
        State::open(folder.path()).unwrap();
    }
}
