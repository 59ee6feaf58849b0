//! Lets requests through to a tier, or one probe a second once its breaker has opened or health has lowered it. Twenty
//! good probes in a row open the gate again; nothing else does.

use std::time::{Duration, Instant};

use find_facts_core::health::{BreakerState, Status};
use find_facts_core::outcome::FallbackReason;

use crate::breaker::Breaker;

/// One request in this time may try a tier that is turned away from.
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// So many good ones in a row raise a tier again.
pub(crate) const GOOD_IN_A_ROW: u32 = 20;

/// Whether a request may run a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Run,
    /// It may, and shows how the tier does.
    Probe,
    /// It may not: a lower tier has to answer, for this reason.
    TurnedAway(FallbackReason),
}

/// A finished run of a tier, as the gate sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) started: Instant,
    pub(crate) ended: Instant,
    pub(crate) is_error: bool,
    pub(crate) latency: Duration,
}

/// What a run changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The breaker opened, with so many errors among the last attempts.
    Opened(u32),
    /// The tier has proved itself; says whether its breaker was open and whether health had lowered it.
    Recovered { breaker_was_open: bool, was_lowered: bool },
}

/// The gate of one tier.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    breaker: Breaker,
    guard: Option<Guard>,
}

/// The gate is not fully open.
#[derive(Debug)]
pub(crate) struct Guard {
    since: Instant,
    breaker_open_since: Option<Instant>,
    /// The status for which health lowered the tier.
    pub(crate) lowered: Option<Status>,
    /// A probe that takes longer is not good, where the tier was lowered for being slow.
    patience: Option<Duration>,
    last_probe: Instant,
    pub(crate) good_in_a_row: u32,
}

impl Gate {
    pub(crate) fn guard(&self) -> Option<&Guard> {
        self.guard.as_ref()
    }

    /// Decides for one request, and counts it as the probe of its second.
    pub(crate) fn admit(&mut self, now: Instant) -> Admission {
        let Some(guard) = &mut self.guard else { return Admission::Run };
        if now.saturating_duration_since(guard.last_probe) < PROBE_EVERY {
            return Admission::TurnedAway(guard.reason());
        }
        guard.last_probe = now;
        Admission::Probe
    }

    /// Lowers the tier; `false` where it was already. Lowered for being slow, it has to be fast again.
    pub(crate) fn lower(&mut self, now: Instant, status: Status, patience: Option<Duration>) -> bool {
        let guard = self.guard.get_or_insert_with(|| Guard::new(now));
        let newly = guard.lowered.is_none();
        guard.lowered = guard.lowered.max(Some(status));
        if patience.is_some() && guard.patience.is_none() {
            guard.patience = patience;
            guard.good_in_a_row = 0;
        }
        newly
    }

    /// Takes note of a run.
    pub(crate) fn ran(&mut self, run: Run) -> Option<Turn> {
        if let Some(guard) = &mut self.guard {
            guard.ran(run);
            if guard.good_in_a_row >= GOOD_IN_A_ROW {
                return self.recover();
            }
        }
        if self.breaker_open_for(run.ended).is_some() {
            return None;
        }
        let errors = self.breaker.attempt(run.ended, run.is_error)?;
        let guard = self.guard.get_or_insert_with(|| Guard::new(run.ended));
        guard.breaker_open_since = Some(run.ended);
        guard.good_in_a_row = 0;
        Some(Turn::Opened(errors))
    }

    /// How long the breaker has been open: until it closes, good probes or not.
    pub(crate) fn breaker_open_for(&self, now: Instant) -> Option<Duration> {
        let since = self.guard.as_ref()?.breaker_open_since?;
        Some(now.saturating_duration_since(since))
    }

    pub(crate) fn breaker_state(&self) -> BreakerState {
        match &self.guard {
            Some(guard) if guard.breaker_open_since.is_some() && guard.good_in_a_row > 0 => {
                BreakerState::HalfOpen
            }
            Some(guard) if guard.breaker_open_since.is_some() => BreakerState::Open,
            _ => BreakerState::Closed,
        }
    }

    pub(crate) fn breaker_trips(&self, now: Instant) -> u64 {
        self.breaker.trips(now)
    }

    fn recover(&mut self) -> Option<Turn> {
        let guard = self.guard.take()?;
        self.breaker.forget();
        Some(Turn::Recovered {
            breaker_was_open: guard.breaker_open_since.is_some(),
            was_lowered: guard.lowered.is_some(),
        })
    }
}

impl Guard {
    /// The first probe comes a second after the gate closed.
    fn new(now: Instant) -> Self {
        Self {
            since: now,
            breaker_open_since: None,
            lowered: None,
            patience: None,
            last_probe: now,
            good_in_a_row: 0,
        }
    }

    /// Why requests are turned away.
    pub(crate) fn reason(&self) -> FallbackReason {
        match self.breaker_open_since {
            Some(_) => FallbackReason::BreakerOpen,
            None => FallbackReason::Health,
        }
    }

    pub(crate) fn lasted(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
    }

    /// A run that had started before the gate closed proves nothing either way.
    fn ran(&mut self, run: Run) {
        if run.started <= self.since {
            return;
        }
        let is_good = !run.is_error && self.patience.is_none_or(|patience| run.latency <= patience);
        self.good_in_a_row = if is_good { self.good_in_a_row + 1 } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const S: Duration = Duration::from_secs(1);

    /// A gate under a stream of requests: whoever is admitted runs for `latency`.
    struct Traffic {
        gate: Gate,
        now: Instant,
    }

    impl Traffic {
        fn new() -> Self {
            Self { gate: Gate::default(), now: Instant::now() }
        }

        fn request(&mut self, is_error: bool, latency: Duration) -> (Admission, Option<Turn>) {
            let admission = self.gate.admit(self.now);
            let started = self.now;
            self.now += latency;
            let run = Run { started, ended: self.now, is_error, latency };
            let turn = match admission {
                Admission::TurnedAway(_) => None,
                Admission::Run | Admission::Probe => self.gate.ran(run),
            };
            (admission, turn)
        }

        /// Ten requests a second for so long; how many were let through, and the last turn there was.
        fn for_seconds(&mut self, seconds: u32, is_error: bool, latency: Duration) -> (usize, Option<Turn>) {
            let (mut admitted, mut last) = (0, None);
            for _ in 0..seconds * 10 {
                let (admission, turn) = self.request(is_error, latency);
                self.now += 100 * MS - latency;
                admitted += usize::from(!matches!(admission, Admission::TurnedAway(_)));
                last = turn.or(last);
            }
            (admitted, last)
        }
    }

    fn opened() -> Traffic {
        let mut traffic = Traffic::new();
        assert_eq!(traffic.for_seconds(2, true, MS).1, Some(Turn::Opened(20)));
        assert_eq!(traffic.request(true, MS).0, Admission::TurnedAway(FallbackReason::BreakerOpen));
        traffic.now += S;
        traffic
    }

    #[test]
    fn an_open_gate_lets_one_probe_a_second_through() {
        assert_eq!(opened().for_seconds(10, true, MS).0, 10);
    }

    #[test]
    fn twenty_good_probes_in_a_row_close_the_breaker() {
        let mut traffic = opened();
        let closed = Turn::Recovered { breaker_was_open: true, was_lowered: false };
        assert_eq!(traffic.for_seconds(19, false, MS), (19, None));
        assert_eq!(traffic.gate.breaker_state(), BreakerState::HalfOpen);
        assert_eq!(traffic.for_seconds(1, false, MS).1, Some(closed));
        assert_eq!(traffic.gate.breaker_state(), BreakerState::Closed);
        assert_eq!(traffic.request(false, MS).0, Admission::Run);
    }

    #[test]
    fn one_bad_probe_starts_the_count_again_and_the_breaker_stays_open() {
        let mut traffic = opened();
        traffic.for_seconds(19, false, MS);
        traffic.for_seconds(1, true, MS);
        assert_eq!(traffic.gate.breaker_state(), BreakerState::Open);
        assert_eq!(traffic.for_seconds(19, false, MS).1, None);
        assert!(traffic.gate.breaker_open_for(traffic.now) > Some(39 * S));
        assert!(traffic.for_seconds(1, false, MS).1.is_some());
        assert_eq!(traffic.gate.breaker_trips(traffic.now), 1);
    }

    #[test]
    fn a_tier_lowered_for_errors_is_raised_by_probes_that_succeed_however_slow() {
        let mut traffic = Traffic::new();
        assert!(traffic.gate.lower(traffic.now, Status::Degraded, None));
        assert!(!traffic.gate.lower(traffic.now, Status::Critical, None));
        assert_eq!(traffic.request(true, MS).0, Admission::TurnedAway(FallbackReason::Health));
        let raised = Turn::Recovered { breaker_was_open: false, was_lowered: true };
        assert_eq!(traffic.for_seconds(21, false, 90 * MS).1, Some(raised));
    }

    #[test]
    fn a_tier_lowered_for_being_slow_has_to_be_fast_again() {
        let mut traffic = Traffic::new();
        traffic.gate.lower(traffic.now, Status::Degraded, Some(20 * MS));
        assert_eq!(traffic.for_seconds(60, false, 21 * MS).1, None);
        assert!(traffic.for_seconds(21, false, 20 * MS).1.is_some());
    }

    #[test]
    fn runs_that_had_started_before_prove_nothing() {
        let mut traffic = opened();
        let since = traffic.gate.guard().map(|guard| guard.since).unwrap();
        for _ in 0..100 {
            let run = Run { started: since, ended: since + S, is_error: false, latency: S };
            assert_eq!(traffic.gate.ran(run), None);
        }
        assert_eq!(traffic.gate.breaker_state(), BreakerState::Open);
    }

    #[test]
    fn failing_probes_of_a_lowered_tier_open_its_breaker() {
        let mut traffic = Traffic::new();
        traffic.gate.lower(traffic.now, Status::Degraded, None);
        assert_eq!(traffic.for_seconds(21, true, MS), (20, Some(Turn::Opened(20))));
    }
}
