//! How long a worker that has died stays away.

use std::time::Duration;

/// A death in the middle of a request is often the request's fault; the next one should not wait for it.
const FIRST: Duration = Duration::from_millis(100);
/// A model that cannot be loaded any more costs a few seconds of a core with each attempt.
const LONGEST: Duration = Duration::from_secs(30);
/// Who had its model for this long starts afresh.
const SETTLED: Duration = Duration::from_secs(60);

/// Counts deaths in a row.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    deaths: u32,
}

impl Backoff {
    /// The rest after a worker that had its model for `lived`.
    pub(super) fn died(&mut self, lived: Duration) -> Duration {
        if lived >= SETTLED {
            self.deaths = 0;
        }
        let rest = FIRST.saturating_mul(1 << self.deaths.min(16)).min(LONGEST);
        self.deaths += 1;
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_up_to_a_limit_and_begin_anew_after_a_long_life() {
        let mut backoff = Backoff::default();
        let rests: Vec<u128> = (0..12).map(|_| backoff.died(Duration::from_secs(1)).as_millis()).collect();
        assert_eq!(rests[..4], [100, 200, 400, 800]);
        assert_eq!(rests[9..], [30_000, 30_000, 30_000]);
        assert_eq!(backoff.died(Duration::from_secs(61)), FIRST);
    }
}
