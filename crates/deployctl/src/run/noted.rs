//! The journal, and the index beside it: a run stands in the index from its first line on.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use find_facts_api::rollout::RunStatus;
use find_facts_rollout::journal::{Entry, Journal, JournalError, Opened, RunSummary, note};
use find_facts_rollout::ports::RunLog;

/// A journal whose run is kept in the index of its folder.
#[derive(Debug)]
pub(super) struct NotedJournal {
    journal: Journal,
    runs: PathBuf,
    began_ms: Option<u64>,
}

impl NotedJournal {
    /// Around a journal; `began_ms` is the time of its first line, where it has one.
    pub(super) fn new(journal: Journal, runs: PathBuf, began_ms: Option<u64>) -> Self {
        Self { journal, runs, began_ms }
    }

    /// Whether the run has begun.
    pub(super) fn has_begun(&self) -> bool {
        self.began_ms.is_some()
    }

    /// Writes down how the run stands. A run that has not begun stands nowhere.
    pub(super) fn note(
        &self,
        opened: &Opened,
        status: RunStatus,
        reason: Option<&str>,
    ) -> Result<(), JournalError> {
        let Some(began_ms) = self.began_ms else { return Ok(()) };
        let summary = RunSummary {
            run: opened.run.clone(),
            plan: opened.plan.clone(),
            phase: opened.phase,
            time_scale: opened.time_scale,
            began_ms,
            status,
            reason: reason.map(str::to_owned),
        };
        note(&self.runs, summary)
    }
}

impl RunLog for NotedJournal {
    fn append(&mut self, time: SystemTime, entry: &Entry) -> Result<(), JournalError> {
        self.journal.append(time, entry)?;
        if let Entry::Opened(opened) = entry {
            let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
            self.began_ms = Some(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX));
            self.note(opened, RunStatus::Running, None)?;
        }
        Ok(())
    }
}
