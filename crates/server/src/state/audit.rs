//! Who changed what, when, and from where. Kept apart from the events, which say what happened whoever did it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::StateError;
use super::numbered::NumberedLog;

/// At some two hundred bytes an entry, 100 000 are a few dozen megabytes.
const KEEP: u64 = 100_000;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Grows by one.
    pub id: u64,
    /// When, unix milliseconds.
    pub time_ms: u64,
    /// Who: `operator`, `run <id>`, or a part of the server.
    pub who: String,
    /// What, such as `PUT /admin/v1/flags`.
    pub what: String,
    /// From which address; absent for the server itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// How it ended: an HTTP status, or what was done.
    pub outcome: String,
}

/// The audit log.
pub struct AuditLog(NumberedLog<AuditEntry>);

impl AuditLog {
    pub(super) fn open(path: PathBuf) -> Result<Self, StateError> {
        NumberedLog::open(path, KEEP).map(Self)
    }

    /// Stores an entry; its number is given here.
    pub fn append(&self, entry: AuditEntry) -> Result<(), StateError> {
        self.0.append(|id| AuditEntry { id, ..entry }).map(|_| ())
    }

    /// Entries after number `after`, oldest first, at most `limit`.
    pub fn after(&self, after: u64, limit: usize) -> Result<Vec<AuditEntry>, StateError> {
        self.0.after(after, limit)
    }
}
