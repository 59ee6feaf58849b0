//! The run journal: append-only, checksummed JSON Lines. What stands in it has happened; what does not, has to be asked.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::act::Numbered;
use crate::scale::TimeScale;
use crate::step::Input;

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
}
