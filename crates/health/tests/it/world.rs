//! A monitor, its clock, and requests as the service would report them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use find_facts_core::outcome::{Attempt, FallbackReason};
use find_facts_core::{
    AttemptResult, Clock, Cohort, Generation, HealthReport, Mode, Outcome, OutcomeSink, Tier,
};
use find_facts_health::{Admission, Assessment, Monitor, ReportParts, Settings};
use find_facts_testkit::VirtualClock;

pub(crate) const MS: Duration = Duration::from_millis(1);

pub(crate) struct World {
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) monitor: Monitor,
    pub(crate) calls: Arc<AtomicUsize>,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(VirtualClock::new());
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let count = move || {
            counted.fetch_add(1, Ordering::Relaxed);
        };
        Self { monitor: Monitor::new(Settings::default(), clock.clone(), count), clock, calls }
    }

    /// A request that its flags give this tier, 100 ms after the one before; who answered it.
    pub(crate) fn request(&self, tier: Tier, result: AttemptResult, latency: Duration) -> Mode {
        self.clock.advance(100 * MS - latency.min(99 * MS));
        let outcome = self.run(tier, result, latency);
        if outcome.attempts.is_empty() {
            self.clock.advance(latency);
        }
        self.monitor.record(&outcome);
        outcome.mode_served
    }

    /// Many of them.
    pub(crate) fn requests(
        &self,
        count: usize,
        tier: Tier,
        result: AttemptResult,
        latency: Duration,
    ) -> &Self {
        for _ in 0..count {
            self.request(tier, result, latency);
        }
        self
    }

    pub(crate) fn assess(&self) -> Assessment {
        self.monitor.assess(self.clock.now())
    }

    pub(crate) fn report(&self) -> HealthReport {
        self.monitor.report(ReportParts::default())
    }

    /// As the service does it: down from the tier to the first that is let through; when it fails, exact answers.
    fn run(&self, tier: Tier, result: AttemptResult, latency: Duration) -> Outcome {
        let mut outcome = Outcome { mode_asked: tier.mode(), ..exact(Cohort::Rest) };
        let mut candidate = Some(tier);
        while let Some(tier) = candidate {
            match self.monitor.admit(tier, self.clock.now()) {
                Admission::TurnedAway(reason) => {
                    outcome.fallback = outcome.fallback.or(Some(reason));
                    candidate = tier.below();
                }
                Admission::Run | Admission::Probe => {
                    self.clock.advance(latency);
                    outcome.latency = latency;
                    outcome.attempts.push(Attempt { tier, result, latency, cache_hit: false });
                    if result.is_error() {
                        outcome.fallback = Some(FallbackReason::Error);
                    } else {
                        outcome.mode_served = tier.mode();
                    }
                    break;
                }
            }
        }
        outcome
    }
}

/// A request that legacy answered in 50 µs.
pub(crate) fn exact(cohort: Cohort) -> Outcome {
    Outcome {
        mode_asked: Mode::Exact,
        mode_served: Mode::Exact,
        generation: Generation(1),
        cohort,
        caller: 0,
        latency: Duration::from_micros(50),
        attempts: Vec::new(),
        fallback: None,
    }
}
