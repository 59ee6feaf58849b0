//! When a tier has failed so often that it is left alone: half of its last 20 attempts. It says so once; closing again is
//! the gate's business.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// So many attempts are looked at, and none less.
pub(crate) const LAST: u32 = 20;
/// From so many errors among them on the breaker opens.
const TOO_MANY: u32 = LAST / 2;
/// How long a trip is remembered.
const REMEMBERED: Duration = Duration::from_secs(600);

/// The last attempts of a tier, and when they were too bad.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    /// One bit each, the newest lowest; set for an error.
    errors: u32,
    seen: u32,
    trips: VecDeque<Instant>,
}

impl Breaker {
    /// Takes note of an attempt; the number of errors among the last 20 when they are too many.
    pub(crate) fn attempt(&mut self, now: Instant, is_error: bool) -> Option<u32> {
        self.errors = ((self.errors << 1) | u32::from(is_error)) & ((1 << LAST) - 1);
        self.seen = (self.seen + 1).min(LAST);
        let errors = self.errors.count_ones();
        if self.seen < LAST || errors < TOO_MANY {
            return None;
        }
        self.trips.retain(|&trip| is_recent(trip, now));
        self.trips.push_back(now);
        self.forget();
        Some(errors)
    }

    /// Starts anew: the attempts so far say nothing of those to come.
    pub(crate) fn forget(&mut self) {
        self.errors = 0;
        self.seen = 0;
    }

    /// How often it opened in the last 10 minutes.
    pub(crate) fn trips(&self, now: Instant) -> u64 {
        self.trips.iter().filter(|&&trip| is_recent(trip, now)).count() as u64
    }
}

fn is_recent(trip: Instant, now: Instant) -> bool {
    now.saturating_duration_since(trip) < REMEMBERED
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds `x` as an error and anything else as a success; at which attempt the breaker opened, and with how many errors.
    fn check(attempts: &str, expected: Option<(usize, u32)>) {
        let mut breaker = Breaker::default();
        let now = Instant::now();
        let mut trips = attempts.bytes().enumerate().filter_map(|(index, attempt)| {
            breaker.attempt(now, attempt == b'x').map(|errors| (index + 1, errors))
        });
        assert_eq!(trips.next(), expected, "{attempts}");
    }

    #[test]
    fn it_opens_at_half_of_the_last_20() {
        check("xxxxxxxxxx..........", Some((20, 10)));
        check("xxxxxxxxx...........", None);
        check(".x.x.x.x.x.x.x.x.x.x", Some((20, 10)));
    }

    #[test]
    fn fewer_than_20_attempts_never_open_it() {
        check("xxxxxxxxxxxxxxxxxxx", None);
        check("xxxxxxxxxxxxxxxxxxxx", Some((20, 20)));
    }

    #[test]
    fn older_errors_do_not_count() {
        check("xxxxxxxxx...........xxxxxxxxx", None);
        check("..............................xxxxxxxxxx", Some((40, 10)));
    }

    #[test]
    fn trips_are_remembered_for_10_minutes() {
        let mut breaker = Breaker::default();
        let start = Instant::now();
        for minute in [0u64, 4, 8] {
            let now = start + Duration::from_secs(60 * minute);
            for _ in 0..LAST {
                breaker.attempt(now, true);
            }
        }
        assert_eq!(breaker.trips(start + Duration::from_secs(599)), 3);
        assert_eq!(breaker.trips(start + Duration::from_secs(600)), 2);
    }
}
