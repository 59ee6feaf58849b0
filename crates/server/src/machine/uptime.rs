//! Time that nobody sets: it goes on while the machine sleeps, and begins anew when the machine is started.

use std::fs;
use std::time::{Instant, SystemTime};

use find_facts_core::{Clock, SystemClock};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where Linux names this start of the machine.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// How long a machine has been up, its sleep included. Two of these compare when they are of the same start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uptime {
    /// Names the start of the machine.
    pub boot: String,
    /// Milliseconds since then.
    pub ms: u64,
}

/// A clock that also says how long its machine has been up.
pub trait MachineClock: Clock {
    /// Until now.
    fn uptime(&self) -> Uptime;
}

/// This machine's clock.
#[derive(Debug)]
pub struct BootClock {
    boot: String,
}

impl BootClock {
    /// Of this start of the machine. Where the system does not name it, each process takes it for another.
    pub fn new() -> Self {
        let named = fs::read_to_string(BOOT_ID).ok().map(|id| id.trim().to_owned());
        Self { boot: named.unwrap_or_else(|| Uuid::now_v7().to_string()) }
    }
}

impl Default for BootClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for BootClock {
    fn now(&self) -> Instant {
        SystemClock.now()
    }

    fn wall(&self) -> SystemTime {
        SystemClock.wall()
    }
}

impl MachineClock for BootClock {
    fn uptime(&self) -> Uptime {
        let up = clock_gettime(ClockId::Boottime);
        Uptime { boot: self.boot.clone(), ms: up.tv_sec as u64 * 1000 + up.tv_nsec as u64 / 1_000_000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clocks_of_one_machine_agree() {
        let first = BootClock::new().uptime();
        let second = BootClock::new().uptime();
        assert_eq!(first.boot, second.boot);
        assert!(second.ms >= first.ms && first.ms > 0, "{first:?} {second:?}");
    }
}
