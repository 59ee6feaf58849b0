//! Everything kept about the tiers, behind one lock: windows, totals, gates, and what has happened since somebody asked.

use std::time::{Duration, Instant};

use find_facts_core::health::{Figures, Status};
use find_facts_core::outcome::Attempt;
use find_facts_core::{Cohort, Outcome, Tier};

use crate::breaker;
use crate::callers::Callers;
use crate::gate::{Admission, GOOD_IN_A_ROW, Gate, Run, Turn};
use crate::series::{Sample, Series};
use crate::settings::Limits;
use crate::status::{Bounds, Cause, Finding, of, worst};
use crate::totals::Tally;

/// Something that changed what requests get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A tier's breaker opened.
    BreakerOpened {
        /// Whose.
        tier: Tier,
        /// The figures, in a sentence.
        reason: String,
    },
    /// A tier's breaker closed again.
    BreakerClosed {
        /// Whose.
        tier: Tier,
    },
    /// Health lowered a tier, and with it those above.
    Lowered {
        /// Which.
        tier: Tier,
        /// Its own status, or the server's.
        status: Status,
        /// The figures, in a sentence.
        reason: String,
    },
    /// A tier that health had lowered proved itself.
    Raised {
        /// Which.
        tier: Tier,
    },
}

pub(crate) struct Tiers {
    pub(crate) overall: Series,
    /// In the order of [`Tier::ALL`].
    pub(crate) each: [TierHealth; 3],
    pub(crate) events: Vec<Event>,
}

pub(crate) struct TierHealth {
    pub(crate) attempts: Series,
    pub(crate) cohorts: [CohortHealth; 3],
    pub(crate) gate: Gate,
    pub(crate) cache_hits: u64,
    pub(crate) cache_misses: u64,
}

pub(crate) struct CohortHealth {
    pub(crate) cohort: Cohort,
    pub(crate) window: Series,
    pub(crate) totals: Tally,
    pub(crate) callers: Callers,
}

/// The window's figures that a verdict rests on.
pub(crate) struct Basis {
    pub(crate) overall: Figures,
    pub(crate) requests: Figures,
    pub(crate) tiers: [Figures; 3],
}

impl Tiers {
    pub(crate) fn new(window: Duration, now: Instant) -> Self {
        Self {
            overall: Series::new(window, now),
            each: std::array::from_fn(|_| TierHealth::new(window, now)),
            events: Vec::new(),
        }
    }

    /// Takes note of a request that has ended; the events that came of it.
    pub(crate) fn record(&mut self, outcome: &Outcome, request: Sample) -> &[Event] {
        let events_before = self.events.len();
        if !outcome.attempts.is_empty() {
            self.overall.record(request);
        }
        for tier in Tier::ALL {
            let health = &mut self.each[tier as usize];
            match outcome.attempts.iter().find(|attempt| attempt.tier == tier) {
                Some(attempt) => {
                    if let Some(turn) = health.attempted(outcome, attempt, request) {
                        self.turned(tier, turn, request.at);
                    }
                }
                None => health.went_without(outcome, request),
            }
        }
        &self.events[events_before..]
    }

    /// A tier whose gate is shut takes those above with it: they rise when it does.
    pub(crate) fn admit(&mut self, tier: Tier, now: Instant) -> Admission {
        let (below, from) = self.each.split_at_mut(tier as usize);
        match below.iter().find_map(|lower| lower.gate.guard()) {
            Some(guard) => Admission::TurnedAway(guard.reason()),
            None => from[0].gate.admit(now),
        }
    }

    /// The lowest tier whose gate is shut.
    pub(crate) fn lowest_shut(&self) -> Option<Tier> {
        Tier::ALL.into_iter().find(|&tier| self.each[tier as usize].gate.guard().is_some())
    }

    pub(crate) fn start_anew(&mut self, tier: Tier, now: Instant) {
        self.overall.restart(now);
        let health = &mut self.each[tier as usize];
        health.gate = Gate::default();
        health.attempts.restart(now);
        for cohort in &mut health.cohorts {
            cohort.window.restart(now);
        }
    }

    pub(crate) fn basis(&self, now: Instant, requests: Figures) -> Basis {
        let tiers = [0, 1, 2].map(|tier: usize| self.each[tier].attempts.figures(now));
        Basis { overall: self.overall.figures(now), requests, tiers }
    }

    /// What is wrong now.
    pub(crate) fn findings(&self, now: Instant, basis: &Basis, limits: &Limits) -> Vec<Finding> {
        let overall = Bounds::new(limits, None).judge(&basis.overall, &basis.requests);
        let of_tiers = Tier::ALL.into_iter().flat_map(|tier| {
            let figures = &basis.tiers[tier as usize];
            let of_figures = Bounds::new(limits, Some(tier)).judge(figures, figures);
            of_figures.chain(self.each[tier as usize].gate_findings(tier, now))
        });
        overall.chain(of_tiers).collect()
    }

    /// Lowers what these findings ask to lower: a tier for its own figures, and for the server's, when it is degraded,
    /// the highest tier that runs, unless something is lowered already; when it is critical, all of them.
    pub(crate) fn lower(&mut self, now: Instant, basis: &Basis, limits: &Limits, found: &[Finding]) {
        for tier in Tier::ALL {
            self.lower_one(tier, now, found, Bounds::new(limits, Some(tier)));
        }
        let target = match worst(of(found, None)) {
            Status::Healthy => None,
            Status::Critical => Some(Tier::Tier1),
            Status::Degraded => {
                let highest = Tier::ALL.into_iter().rfind(|&tier| basis.tiers[tier as usize].attempts > 0);
                highest.filter(|&highest| self.lowest_shut().is_none_or(|shut| shut > highest))
            }
        };
        if let Some(tier) = target {
            self.lower_one(tier, now, found, Bounds::new(limits, None));
        }
    }

    /// Lowers a tier for findings against these bounds. A gate that is shut is no reason to shut it.
    fn lower_one(&mut self, tier: Tier, now: Instant, found: &[Finding], bounds: Bounds) {
        let rest_on_figures =
            |finding: &&Finding| matches!(finding.cause, Cause::ErrorRate | Cause::LatencyP95);
        let causes: Vec<&Finding> = of(found, bounds.tier).filter(rest_on_figures).collect();
        if causes.is_empty() {
            return;
        }
        let status = worst(causes.iter().copied());
        let is_slow = causes.iter().any(|finding| finding.cause == Cause::LatencyP95);
        if self.each[tier as usize].gate.lower(now, status, is_slow.then_some(bounds.degraded.p95)) {
            let reasons: Vec<&str> = causes.iter().map(|finding| finding.reason.as_str()).collect();
            self.events.push(Event::Lowered { tier, status, reason: reasons.join("; ") });
        }
    }

    /// What came before a recovery says nothing of the tier as it is now, so its window and the server's start again.
    fn turned(&mut self, tier: Tier, turn: Turn, now: Instant) {
        match turn {
            Turn::Opened(errors) => {
                let reason = format!("{errors} of the last {} attempts of {tier} failed", breaker::LAST);
                self.events.push(Event::BreakerOpened { tier, reason });
            }
            Turn::Recovered { breaker_was_open, was_lowered } => {
                self.each[tier as usize].attempts.restart(now);
                self.overall.restart(now);
                self.events.extend(breaker_was_open.then_some(Event::BreakerClosed { tier }));
                self.events.extend(was_lowered.then_some(Event::Raised { tier }));
            }
        }
    }
}

impl TierHealth {
    fn new(window: Duration, now: Instant) -> Self {
        let cohorts = [Cohort::Canary, Cohort::Control, Cohort::Rest];
        Self {
            attempts: Series::new(window, now),
            cohorts: cohorts.map(|cohort| CohortHealth {
                cohort,
                window: Series::new(window, now),
                totals: Tally::default(),
                callers: Callers::default(),
            }),
            gate: Gate::default(),
            cache_hits: 0,
            cache_misses: 0,
        }
    }

    fn attempted(&mut self, outcome: &Outcome, attempt: &Attempt, request: Sample) -> Option<Turn> {
        let sample = Sample {
            latency: attempt.latency,
            result: attempt.result,
            fell_back: outcome.mode_served.tier() < Some(attempt.tier),
            ..request
        };
        self.attempts.record(sample);
        self.record_cohort(outcome, sample);
        self.cache_hits += u64::from(attempt.cache_hit);
        self.cache_misses += u64::from(!attempt.cache_hit);
        self.gate.ran(Run {
            started: request.at.checked_sub(outcome.latency).unwrap_or(request.at),
            ended: request.at,
            is_error: attempt.result.is_error(),
            latency: attempt.latency,
        })
    }

    /// A control caller's request counts for every tier that it did without, once that tier has run at all.
    fn went_without(&mut self, outcome: &Outcome, request: Sample) {
        let has_run = self.cache_hits + self.cache_misses > 0;
        if outcome.cohort == Cohort::Control && has_run {
            self.record_cohort(outcome, request);
        }
    }

    fn record_cohort(&mut self, outcome: &Outcome, sample: Sample) {
        if let Some(health) = self.cohorts.iter_mut().find(|health| health.cohort == outcome.cohort) {
            health.window.record(sample);
            health.totals.record(&sample);
            if outcome.cohort != Cohort::Rest {
                health.callers.record(outcome, &sample);
            }
        }
    }

    fn gate_findings(&self, tier: Tier, now: Instant) -> Vec<Finding> {
        let Some(guard) = self.gate.guard() else { return Vec::new() };
        let good = format!("{} of {GOOD_IN_A_ROW} good probes in a row", guard.good_in_a_row);
        let open = self.gate.breaker_open_for(now).map(|open| Finding {
            tier: Some(tier),
            cause: Cause::BreakerOpen,
            status: Status::Critical,
            reason: format!("breaker open for {:.0} s, {good}", open.as_secs_f64()),
        });
        let lowered = guard.lowered.map(|status| Finding {
            tier: Some(tier),
            cause: Cause::Lowered,
            status,
            reason: format!("lowered for {:.0} s, {good}", guard.lasted(now).as_secs_f64()),
        });
        open.into_iter().chain(lowered).collect()
    }
}
