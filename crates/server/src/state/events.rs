//! What happened: durable, numbered, and told to everybody who listens. An event is on the disk before anybody hears of it.

use std::path::PathBuf;
use std::time::SystemTime;

use find_facts_api::admin::{Event, EventKind};
use tokio::sync::watch;

use super::numbered::NumberedLog;
use super::{StateError, unix_ms};

/// At some hundred bytes an event, 100 000 are a few dozen megabytes and years of rollouts.
const KEEP: u64 = 100_000;

/// The event log.
pub struct Events {
    log: NumberedLog<Event>,
    newest: watch::Sender<u64>,
}

impl Events {
    pub(super) fn open(path: PathBuf) -> Result<Self, StateError> {
        let log: NumberedLog<Event> = NumberedLog::open(path, KEEP)?;
        let newest = log.last()?.map_or(0, |event| event.id);
        Ok(Self { log, newest: watch::Sender::new(newest) })
    }

    /// Stores an event, then tells the listeners.
    pub fn append(&self, now: SystemTime, kind: EventKind) -> Result<Event, StateError> {
        let event = self.log.append(|id| Event { id, time_ms: unix_ms(now), kind })?;
        self.newest.send_replace(event.id);
        Ok(event)
    }

    /// Events after number `after`, oldest first, at most `limit`.
    pub fn after(&self, after: u64, limit: usize) -> Result<Vec<Event>, StateError> {
        self.log.after(after, limit)
    }

    /// Changes whenever there is a new event; holds its number.
    pub fn newest(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }
}
