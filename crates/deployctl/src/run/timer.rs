//! The machine's clock, to be waited on. A wait ends early when a signal has asked the run to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use find_facts_core::{Clock, SystemClock};
use find_facts_rollout::ports::Timer;

/// A person who has pressed Ctrl-C waits no longer than this.
const LOOK: Duration = Duration::from_millis(100);

/// The machine's clock.
#[derive(Debug, Clone)]
pub struct MachineTimer {
    interrupted: Arc<AtomicBool>,
}

impl MachineTimer {
    /// A timer whose waits `interrupted` ends.
    pub fn new(interrupted: Arc<AtomicBool>) -> Self {
        Self { interrupted }
    }
}

impl Clock for MachineTimer {
    fn now(&self) -> Instant {
        SystemClock.now()
    }

    fn wall(&self) -> SystemTime {
        SystemClock.wall()
    }
}

impl Timer for MachineTimer {
    fn sleep(&self, length: Duration) {
        let until = self.now() + length;
        loop {
            let left = until.saturating_duration_since(self.now());
            if left.is_zero() || self.interrupted.load(Ordering::Relaxed) {
                return;
            }
            std::thread::sleep(left.min(LOOK));
        }
    }
}
