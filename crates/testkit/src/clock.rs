//! A clock that stands still until a test moves it. Clones of the `Arc` share it, so that everything under test sees
//! the same moment; monotonic time only goes forward, the calendar may be set at will.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use find_facts_core::Clock;

/// Time under a test's control.
#[derive(Debug)]
pub struct VirtualClock {
    times: Mutex<Times>,
}

#[derive(Debug, Clone, Copy)]
struct Times {
    now: Instant,
    wall: SystemTime,
}

impl VirtualClock {
    /// Where every virtual calendar starts: 2026-01-01T00:00:00Z, in seconds since the epoch.
    pub const START: Duration = Duration::from_secs(1_767_225_600);

    /// A clock at [`VirtualClock::START`].
    pub fn new() -> Self {
        Self { times: Mutex::new(Times { now: Instant::now(), wall: SystemTime::UNIX_EPOCH + Self::START }) }
    }

    /// Lets time pass, on both clocks.
    pub fn advance(&self, by: Duration) {
        self.update(|times| {
            times.now += by;
            times.wall += by;
        });
    }

    /// Sets the calendar, as an operator or a time server might; monotonic time does not move.
    pub fn set_wall(&self, wall: SystemTime) {
        self.update(|times| times.wall = wall);
    }

    fn update(&self, change: impl FnOnce(&mut Times)) {
        change(&mut self.times.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn read(&self) -> Times {
        *self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for VirtualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        self.read().now
    }

    fn wall(&self) -> SystemTime {
        self.read().wall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_still_until_it_is_moved() {
        let clock = VirtualClock::new();
        let start = clock.now();
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_secs(7 * 24 * 3600));
        assert_eq!(clock.now() - start, Duration::from_secs(7 * 24 * 3600));
    }

    #[test]
    fn a_jump_of_the_calendar_leaves_monotonic_time_alone() {
        let clock = VirtualClock::new();
        let start = clock.now();
        clock.set_wall(SystemTime::UNIX_EPOCH);
        assert_eq!((clock.now(), clock.wall()), (start, SystemTime::UNIX_EPOCH));
    }
}
