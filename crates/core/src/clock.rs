//! Time as an argument, and the deadline that every call which may take long carries.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// Where "now" comes from, so that a week can be tested in a millisecond.
pub trait Clock: Send + Sync {
    /// Monotonic time; for durations.
    fn now(&self) -> Instant;
    /// The calendar's time; for records that people read. May jump.
    fn wall(&self) -> SystemTime;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}

/// By when an answer is wanted, and whether anybody still wants it. Clones share the cancel flag.
#[derive(Clone)]
pub struct Deadline {
    at: Option<Instant>,
    cancelled: Arc<AtomicBool>,
    clock: Arc<dyn Clock>,
}

/// The time was up, or the caller had gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the deadline has passed")]
pub struct DeadlineExceeded;

impl Deadline {
    /// A deadline `limit` from now.
    pub fn after(limit: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { at: Some(clock.now() + limit), cancelled: Arc::default(), clock }
    }

    /// No deadline: for work that nobody waits for. It can still be cancelled.
    pub fn none() -> Self {
        Self { at: None, cancelled: Arc::default(), clock: Arc::new(SystemClock) }
    }

    /// The same, over after `limit` from now at the latest. Both are cancelled together.
    #[must_use]
    pub fn within(&self, limit: Duration) -> Self {
        let at = self.clock.now() + limit;
        Self { at: Some(self.at.map_or(at, |mine| mine.min(at))), ..self.clone() }
    }

    /// Says that nobody waits any more; every clone sees it.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
    }

    /// The time left; `None` without a limit, zero when it is over or cancelled.
    pub fn remaining(&self) -> Option<Duration> {
        if self.cancelled.load(Ordering::Acquire) {
            return Some(Duration::ZERO);
        }
        self.at.map(|at| at.saturating_duration_since(self.clock.now()))
    }

    /// An error once the work is no longer wanted; long loops call it every few hundred microseconds.
    pub fn check(&self) -> Result<(), DeadlineExceeded> {
        match self.remaining() {
            Some(Duration::ZERO) => Err(DeadlineExceeded),
            _ => Ok(()),
        }
    }
}

impl std::fmt::Debug for Deadline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deadline").field("remaining", &self.remaining()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancelled_deadline_is_over_for_every_clone() {
        let deadline = Deadline::after(Duration::from_secs(3600), Arc::new(SystemClock));
        let seen_by_worker = deadline.clone();
        assert_eq!(seen_by_worker.check(), Ok(()));
        deadline.cancel();
        assert_eq!(seen_by_worker.check(), Err(DeadlineExceeded));
    }

    #[test]
    fn no_deadline_never_passes_but_can_be_cancelled() {
        let deadline = Deadline::none();
        assert_eq!(deadline.remaining(), None);
        deadline.cancel();
        assert_eq!(deadline.check(), Err(DeadlineExceeded));
    }
}
