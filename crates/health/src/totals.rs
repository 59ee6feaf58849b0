//! Latencies as histograms, and counts since the start. Counts only grow, so that a difference of two reports gives the
//! exact figures of any window.

use std::time::Duration;

use find_facts_core::AttemptResult;
use find_facts_core::health::Totals;
use hdrhistogram::{Counter, Histogram};

use crate::series::Sample;

/// Two significant digits: an upper bound is at most 1 % above the latency it stands for, in 10 KB of `u32` counts.
const DIGITS: u8 = 2;
/// Nothing on a request's path may take longer than a second; a minute leaves room for deadlines set by hand.
const SLOWEST: Duration = Duration::from_secs(60);

/// An empty histogram of microseconds; what is slower than a minute counts as a minute.
#[expect(
    clippy::expect_used,
    reason = "fails only for bounds or digits out of range, and these are constants"
)]
pub(crate) fn latencies<C: Counter>() -> Histogram<C> {
    Histogram::new_with_bounds(1, SLOWEST.as_micros() as u64, DIGITS).expect("constant bounds are valid")
}

/// Counts of one tier and cohort since the start.
#[derive(Default)]
pub(crate) struct Tally {
    attempts: u64,
    errors: u64,
    panics: u64,
    timeouts: u64,
    /// Made with the first sample: most cohorts of most tiers never see one.
    latencies: Option<Histogram<u64>>,
}

impl Tally {
    pub(crate) fn record(&mut self, sample: &Sample) {
        self.attempts += 1;
        match sample.result {
            AttemptResult::Ok => {}
            AttemptResult::Error => self.errors += 1,
            AttemptResult::Panic => self.panics += 1,
            AttemptResult::Timeout => self.timeouts += 1,
        }
        self.latencies.get_or_insert_with(latencies).saturating_record(sample.micros());
    }

    pub(crate) fn totals(&self) -> Totals {
        let bins = self.latencies.iter().flat_map(Histogram::iter_recorded);
        Totals {
            attempts: self.attempts,
            errors: self.errors,
            panics: self.panics,
            timeouts: self.timeouts,
            latency_us: bins.map(|bin| [bin.value_iterated_to(), bin.count_at_value()]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn totals_keep_every_latency_within_a_twentieth() {
        let mut tally = Tally::default();
        let micros = [1, 17, 999, 1_500, 20_000, 123_456, 1_000_000, 59_000_000];
        for micros in micros {
            let latency = Duration::from_micros(micros);
            tally.record(&Sample {
                at: Instant::now(),
                latency,
                result: AttemptResult::Ok,
                fell_back: false,
            });
        }
        let bins = tally.totals().latency_us;
        assert_eq!(bins.len(), micros.len());
        for ([upper, count], micros) in bins.into_iter().zip(micros) {
            assert_eq!(count, 1);
            assert!(upper >= micros && upper as f64 <= micros as f64 * 1.05, "{micros} became {upper}");
        }
    }

    #[test]
    fn each_kind_of_error_is_counted_by_itself() {
        let mut tally = Tally::default();
        for result in [AttemptResult::Ok, AttemptResult::Error, AttemptResult::Panic, AttemptResult::Timeout]
        {
            tally.record(&Sample { at: Instant::now(), latency: Duration::ZERO, result, fell_back: false });
        }
        let totals = tally.totals();
        assert_eq!((totals.attempts, totals.errors, totals.panics, totals.timeouts), (4, 1, 1, 1));
    }
}
