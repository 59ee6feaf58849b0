//! The health window over one kind of event: the last 60 s by exact counts and histograms in a ring of slots, widened to
//! the last 200 events where those are fewer, at most an hour back. Too few events give no opinion, never a zero.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use find_facts_core::health::Figures;
use find_facts_core::{AttemptResult, Outcome};
use hdrhistogram::Histogram;

use crate::totals::latencies;

/// The window is widened to this many events,
pub(crate) const WIDENED_TO: usize = 200;
/// but never further back than this.
pub(crate) const FURTHEST: Duration = Duration::from_secs(3600);
/// Fewer events than this have no rate,
pub(crate) const LEAST_FOR_A_RATE: usize = 20;
/// and fewer than this no percentile.
const LEAST_FOR_A_PERCENTILE: usize = 100;
/// The window's far end moves in steps of a thirtieth: 2 s of 60, with 300 KB of histograms at the most.
const SLOTS: u64 = 30;

/// One event: a request, or a tier's run on one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) at: Instant,
    pub(crate) latency: Duration,
    pub(crate) result: AttemptResult,
    /// A lower tier answered.
    pub(crate) fell_back: bool,
}

impl Sample {
    /// A whole request. Where several tiers ran, the worst end counts.
    pub(crate) fn of_request(outcome: &Outcome, at: Instant) -> Self {
        let result = outcome.attempts.iter().map(|attempt| attempt.result).max();
        Self {
            at,
            latency: outcome.latency,
            result: result.unwrap_or(AttemptResult::Ok),
            fell_back: outcome.fallback.is_some(),
        }
    }

    pub(crate) fn micros(&self) -> u64 {
        u64::try_from(self.latency.as_micros()).unwrap_or(u64::MAX)
    }
}

/// The window over one kind of event.
pub(crate) struct Series {
    window: Duration,
    /// Nothing before this is in the window.
    from: Instant,
    slots: Vec<Slot>,
    recent: VecDeque<Sample>,
}

#[derive(Default)]
struct Slot {
    /// Slots are numbered from `from`; the ring holds the last [`SLOTS`] of them.
    number: u64,
    counts: Counts,
    latencies: Option<Histogram<u32>>,
}

#[derive(Default)]
struct Counts {
    events: u64,
    errors: u64,
    timeouts: u64,
    fallbacks: u64,
}

impl Series {
    pub(crate) fn new(window: Duration, from: Instant) -> Self {
        let slots = (0..SLOTS).map(|_| Slot::default()).collect();
        Self { window, from, slots, recent: VecDeque::with_capacity(WIDENED_TO) }
    }

    /// Forgets everything: what came before `now` says nothing of what comes.
    pub(crate) fn restart(&mut self, now: Instant) {
        self.from = now;
        self.recent.clear();
        for slot in &mut self.slots {
            slot.reset(0);
        }
    }

    pub(crate) fn record(&mut self, sample: Sample) {
        let number = self.slot_number(sample.at);
        let slot = &mut self.slots[(number % SLOTS) as usize];
        if slot.number != number {
            slot.reset(number);
        }
        slot.record(&sample);
        if self.recent.len() == WIDENED_TO {
            self.recent.pop_front();
        }
        self.recent.push_back(sample);
    }

    /// The window's figures as of now.
    pub(crate) fn figures(&self, now: Instant) -> Figures {
        let oldest = (self.slot_number(now) + 1).saturating_sub(SLOTS);
        let live = || self.slots.iter().filter(|slot| slot.number >= oldest);
        let since_start = now.saturating_duration_since(self.from);
        let seconds = since_start.min(self.window);
        if live().map(|slot| slot.counts.events).sum::<u64>() >= WIDENED_TO as u64 {
            from_slots(live(), seconds)
        } else {
            from_samples(&self.recent, now, seconds)
        }
    }

    fn slot_number(&self, at: Instant) -> u64 {
        let slot = (self.window.as_nanos() / u128::from(SLOTS)).max(1);
        (at.saturating_duration_since(self.from).as_nanos() / slot) as u64
    }
}

impl Slot {
    fn reset(&mut self, number: u64) {
        self.number = number;
        self.counts = Counts::default();
        if let Some(latencies) = &mut self.latencies {
            latencies.reset();
        }
    }

    fn record(&mut self, sample: &Sample) {
        self.counts.record(sample);
        self.latencies.get_or_insert_with(latencies).saturating_record(sample.micros());
    }
}

impl Counts {
    fn record(&mut self, sample: &Sample) {
        self.events += 1;
        self.errors += u64::from(sample.result.is_error());
        self.timeouts += u64::from(sample.result == AttemptResult::Timeout);
        self.fallbacks += u64::from(sample.fell_back);
    }

    fn add(&mut self, other: &Counts) {
        self.events += other.events;
        self.errors += other.errors;
        self.timeouts += other.timeouts;
        self.fallbacks += other.fallbacks;
    }

    /// Figures with these counts, where `percentile` tells the latency below which a share of the events lies.
    fn figures(&self, seconds: f64, percentile: impl Fn(f64) -> Option<Duration>) -> Figures {
        let enough = self.events >= LEAST_FOR_A_RATE as u64;
        let rate = |count: u64| enough.then(|| count as f64 / self.events as f64);
        let latency = |share| {
            let latency = percentile(share).filter(|_| self.events >= LEAST_FOR_A_PERCENTILE as u64);
            latency.map(|latency| latency.as_secs_f64() * 1000.0)
        };
        Figures {
            seconds,
            attempts: self.events,
            errors: self.errors,
            error_rate: rate(self.errors),
            timeout_rate: rate(self.timeouts),
            fallback_rate: rate(self.fallbacks),
            per_second: if seconds > 0.0 { self.events as f64 / seconds } else { 0.0 },
            p50_ms: latency(0.50),
            p95_ms: latency(0.95),
            p99_ms: latency(0.99),
        }
    }
}

fn from_slots<'a>(slots: impl Iterator<Item = &'a Slot>, window: Duration) -> Figures {
    let mut counts = Counts::default();
    let mut merged = latencies();
    for slot in slots.filter(|slot| slot.counts.events > 0) {
        counts.add(&slot.counts);
        if let Some(latencies) = &slot.latencies {
            merged += latencies;
        }
    }
    counts.figures(window.as_secs_f64(), |share| Some(Duration::from_micros(merged.value_at_quantile(share))))
}

/// Over the last events themselves. They reach back as far as the oldest of them, and at least over the plain window.
fn from_samples(recent: &VecDeque<Sample>, now: Instant, window: Duration) -> Figures {
    let age = |sample: &Sample| now.saturating_duration_since(sample.at);
    let mut counts = Counts::default();
    let mut reach = window;
    let mut latencies = Vec::with_capacity(recent.len());
    for sample in recent.iter().filter(|sample| age(sample) <= FURTHEST) {
        counts.record(sample);
        reach = reach.max(age(sample));
        latencies.push(sample.latency);
    }
    latencies.sort_unstable();
    let rank = |share: f64| ((share * latencies.len() as f64).ceil() as usize).saturating_sub(1);
    counts.figures(reach.as_secs_f64(), |share| latencies.get(rank(share)).copied())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOW: Duration = Duration::from_secs(60);

    struct Stream {
        series: Series,
        now: Instant,
    }

    impl Stream {
        fn new() -> Self {
            let now = Instant::now();
            Self { series: Series::new(WINDOW, now), now }
        }

        /// Records `count` events in a row, `every` apart, the last of them now.
        fn events(
            &mut self,
            count: usize,
            every: Duration,
            result: AttemptResult,
            latency_ms: u64,
        ) -> &mut Self {
            for _ in 0..count {
                self.now += every;
                let latency = Duration::from_millis(latency_ms);
                self.series.record(Sample { at: self.now, latency, result, fell_back: result.is_error() });
            }
            self
        }

        fn wait(&mut self, time: Duration) -> &mut Self {
            self.now += time;
            self
        }

        fn figures(&self) -> Figures {
            self.series.figures(self.now)
        }
    }

    fn check(stream: &Stream, attempts: u64, error_rate: Option<f64>, p95_ms: Option<f64>) {
        let found = stream.figures();
        assert_eq!((found.attempts, found.error_rate), (attempts, error_rate), "{found:?}");
        let within_a_percent = match (found.p95_ms, p95_ms) {
            (Some(found), Some(expected)) => (expected..=expected * 1.01).contains(&found),
            (found, expected) => found == expected,
        };
        assert!(within_a_percent, "{found:?}");
    }

    const OK: AttemptResult = AttemptResult::Ok;
    const ERROR: AttemptResult = AttemptResult::Error;
    const MS: Duration = Duration::from_millis(1);
    const S: Duration = Duration::from_secs(1);

    #[test]
    fn below_20_there_is_no_rate_and_below_100_no_percentile() {
        check(Stream::new().events(19, MS, ERROR, 5), 19, None, None);
        check(Stream::new().events(20, MS, ERROR, 5), 20, Some(1.0), None);
        check(Stream::new().events(99, MS, OK, 5), 99, Some(0.0), None);
        check(Stream::new().events(100, MS, OK, 5), 100, Some(0.0), Some(5.0));
    }

    #[test]
    fn a_busy_window_holds_its_seconds_and_nothing_older() {
        let mut stream = Stream::new();
        stream.events(1000, 10 * MS, ERROR, 900).wait(60 * S).events(500, 10 * MS, OK, 5);
        check(&stream, 500, Some(0.0), Some(5.0));
        assert_eq!(stream.figures().seconds, 60.0);
    }

    #[test]
    fn a_quiet_window_is_widened_to_the_last_200() {
        let mut stream = Stream::new();
        stream.events(50, S, ERROR, 5).events(100, S, ERROR, 7).events(100, 10 * S, OK, 5);
        check(&stream, 200, Some(0.5), Some(7.0));
        assert_eq!(stream.figures().seconds, 1099.0);
    }

    #[test]
    fn nothing_is_older_than_an_hour() {
        let mut stream = Stream::new();
        stream.events(100, S, ERROR, 5).wait(3600 * S).events(30, S, OK, 5);
        check(&stream, 30, Some(0.0), None);
        stream.wait(2 * 3600 * S);
        check(&stream, 0, None, None);
    }

    #[test]
    fn a_restart_forgets_everything() {
        let mut stream = Stream::new();
        stream.events(500, MS, ERROR, 5);
        stream.series.restart(stream.now);
        check(&stream, 0, None, None);
        check(stream.events(20, MS, OK, 5), 20, Some(0.0), None);
    }

    #[test]
    fn rates_are_shares_of_the_same_events() {
        let mut stream = Stream::new();
        stream.events(60, MS, OK, 5).events(30, MS, ERROR, 5).events(30, MS, AttemptResult::Timeout, 200);
        let found = stream.figures();
        assert_eq!((found.errors, found.error_rate), (60, Some(0.5)));
        assert_eq!((found.timeout_rate, found.fallback_rate), (Some(0.25), Some(0.5)));
        assert_eq!((found.p50_ms, found.p99_ms), (Some(5.0), Some(200.0)));
    }

    #[test]
    fn a_rate_per_second_is_over_the_time_that_has_passed() {
        let mut stream = Stream::new();
        stream.events(400, 5 * MS, OK, 5);
        assert_eq!(stream.figures().per_second, 200.0);
    }

    proptest! {
        #[test]
        fn the_window_holds_what_its_definition_says(gaps_ms in prop::collection::vec(0u64..4000, 0..600)) {
            let mut stream = Stream::new();
            let mut times = Vec::new();
            for gap in gaps_ms {
                stream.events(1, gap as u32 * MS, ERROR, 5);
                times.push(stream.now);
            }
            let younger_than = |age: Duration| times.iter().filter(|&&at| stream.now - at < age).count();
            let widened = younger_than(FURTHEST).min(WIDENED_TO);
            let found = stream.figures();
            // The far end moves in steps of two seconds.
            let (least, most) = (younger_than(58 * S).max(widened), younger_than(60 * S).max(widened));
            prop_assert!((least as u64..=most as u64).contains(&found.attempts), "{least} to {most}: {found:?}");
            prop_assert_eq!(found.errors, found.attempts);
            prop_assert_eq!(found.error_rate.is_some(), found.attempts >= 20);
            prop_assert_eq!(found.p95_ms.is_some(), found.attempts >= 100);
        }
    }
}
