//! The run journal: append-only, checksummed JSON Lines. What stands in it has happened; what does not, has to be asked.

mod file;
mod folder;
mod index;
mod line;
mod replay;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use file::Journal;
pub use folder::{RunFolder, opened};
pub use index::{RunSummary, note, run_folders, runs};
pub use line::{Line, VERSION};
pub use replay::{Replayed, replay};

use crate::act::Numbered;
use crate::scale::TimeScale;
use crate::step::{IllegalInput, Input};

/// One line of a journal. The form is frozen: kinds and fields are added, never changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// The run begins. Always the first line, and only the first.
    Opened(Opened),
    /// An act is about to be done.
    Intent(Numbered),
    /// Something has happened.
    Input(Input),
}

/// What a run is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Its name.
    pub run: String,
    /// Its plan's name.
    pub plan: String,
    /// Its plan's phase.
    pub phase: u8,
    /// Digest of its plan and of the suites that the plan names. A resume with another plan is refused.
    pub digest: String,
    /// What waiting times are divided by.
    pub time_scale: TimeScale,
    /// Host and process, for people.
    pub holder: String,
    /// Whether the operator has accepted the licences of the models that the run pulls.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accept_licence: bool,
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file or folder cannot be read or written.
    #[error("cannot {what} `{}`", .path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// A line in the middle does not have the checksum it was written with.
    #[error("`{}` line {line}: {reason}", .path.display())]
    Corrupt {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process has it open.
    #[error("`{}` is in use by another process", .path.display())]
    InUse {
        /// The journal.
        path: PathBuf,
    },
    /// It does not begin with the run.
    #[error("the journal has no first line: the run never began")]
    NotBegun,
    /// It is of another plan.
    #[error("the plan has changed since the run began: its digest was `{began_with}` and is `{now}`")]
    OtherPlan {
        /// What the run began with.
        began_with: String,
        /// What it would go on with.
        now: String,
    },
    /// A line says what cannot have happened there.
    #[error("line {line} of the journal cannot have happened")]
    Impossible {
        /// The line, from 1.
        line: usize,
        /// Why not.
        #[source]
        source: IllegalInput,
    },
}

impl JournalError {
    /// Its page under `docs/errors/`.
    pub fn code(&self) -> &'static str {
        match self {
            JournalError::Io { .. } => "journal-io",
            JournalError::Corrupt { .. } => "journal-corrupt",
            JournalError::InUse { .. } => "journal-in-use",
            JournalError::NotBegun | JournalError::Impossible { .. } => "journal-impossible",
            JournalError::OtherPlan { .. } => "journal-other-plan",
        }
    }
}
