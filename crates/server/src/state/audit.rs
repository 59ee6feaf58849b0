//! Who changed what, when, and from where. Kept apart from the events, which say what happened whoever did it.

use std::path::PathBuf;

use find_facts_api::admin::AuditEntry;

use super::StateError;
use super::numbered::NumberedLog;

/// At some two hundred bytes an entry, 100 000 are a few dozen megabytes.
const KEEP: u64 = 100_000;

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
