//! The way down: the best tier that may run answers; where it fails, the next lower one is tried with what is left of the
//! time, down to legacy. Whatever happens on the way, nobody computes for a caller that has gone.

use std::sync::Arc;
use std::time::Duration;

use find_facts_core::outcome::{Attempt, FallbackReason};
use find_facts_core::{
    AttemptResult, Clock, Deadline, EngineError, FactStore, FindQuery, FinderAnswer, FinderError, Mode,
    Parts, Tier, Without,
};
use find_facts_health::{Admission, Monitor};

use crate::pool::{End, Full, Job, Pool};
use crate::request::{FindFactsRequest, Query};
use crate::route::Route;
use crate::timeouts::{Budget, Timeouts};

/// The tiers that are loaded, in the order of [`Tier::ALL`].
pub(crate) type Pools = [Option<Arc<Pool>>; 3];

/// A request on its way down.
pub(crate) struct Descent<'a> {
    pub(crate) request: &'a FindFactsRequest,
    pub(crate) without: &'a Without,
    pub(crate) store: Arc<dyn FactStore>,
    pub(crate) pools: &'a Pools,
    /// Says who may run; `None` lets everybody.
    pub(crate) health: Option<&'a Monitor>,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) timeouts: Timeouts,
    /// Exact matching has found facts, which are the answer of every mode but `fuzzy_ranked`.
    pub(crate) found_exactly: bool,
    /// Whether tiers may answer from their caches, and keep the answer.
    pub(crate) remember: bool,
}

/// Where a request has come to.
#[derive(Debug)]
pub(crate) struct Landing {
    /// The mode that answered.
    pub(crate) served: Mode,
    /// What its tier said, unless the mode is exact.
    pub(crate) answer: Option<FinderAnswer>,
    /// The runs on the way.
    pub(crate) attempts: Vec<Attempt>,
    /// Why the mode asked for did not answer.
    pub(crate) fallback: Option<FallbackReason>,
}

impl Landing {
    /// Where a request is that has not asked any tier.
    pub(crate) fn exact(fallback: Option<FallbackReason>) -> Self {
        Self { served: Mode::Exact, answer: None, attempts: Vec::new(), fallback }
    }
}

impl Descent<'_> {
    /// Goes down the route until a tier answers.
    pub(crate) async fn go(&self, route: Route) -> Landing {
        let mut landing = Landing::exact(route.lowered);
        let mut budget = Budget::default();
        let mut steps_left = route.steps().count() as u32;
        for (tier, mode) in route.steps() {
            if self.found_exactly && mode != Mode::FuzzyRanked {
                break;
            }
            match self.step(tier, mode, steps_left, &mut budget, &mut landing.attempts).await {
                Ok(answer) => return Landing { served: mode, answer: Some(answer), ..landing },
                Err(reason) => landing.fallback = landing.fallback.or(Some(reason)),
            }
            steps_left -= 1;
        }
        landing
    }

    /// Has one tier answer, in a mode of its own, and adds the run to the attempts.
    pub(crate) async fn step(
        &self,
        tier: Tier,
        mode: Mode,
        steps_left: u32,
        budget: &mut Budget,
        attempts: &mut Vec<Attempt>,
    ) -> Result<FinderAnswer, FallbackReason> {
        let pool = self.pools[tier as usize].as_ref().ok_or(FallbackReason::NotReady)?;
        let started = self.clock.now();
        if let Some(Admission::TurnedAway(reason)) = self.health.map(|health| health.admit(tier, started)) {
            return Err(reason);
        }
        let full = self.timeouts.of(tier);
        let granted = budget.grant(full, steps_left, started);
        let end = self.run(pool, mode, granted).await?;
        let latency = self.clock.now().saturating_duration_since(started);
        let (result, answer) = judge(tier, end);
        // A tier that was cut off because one above it had used up the time has shown nothing of itself.
        if result != AttemptResult::Timeout || granted == full {
            let latency = if result == AttemptResult::Timeout { full } else { latency };
            let cache_hit = answer.as_ref().is_ok_and(|answer| answer.cache_hit);
            attempts.push(Attempt { tier, result, latency, cache_hit });
        }
        answer
    }

    /// Hands the request to a tier's threads; `Ok(None)` is a run that did not end in time.
    async fn run(&self, pool: &Pool, mode: Mode, granted: Duration) -> Result<Option<End>, FallbackReason> {
        let deadline = Deadline::after(granted, Arc::clone(self.clock));
        let stop = StopOnDrop(deadline.clone());
        let job = Job { query: self.query(mode), store: Arc::clone(&self.store), deadline };
        let end = pool.submit(job).map_err(|Full| FallbackReason::Overloaded)?;
        let end = tokio::time::timeout(granted, end).await;
        drop(stop);
        Ok(end.ok().and_then(Result::ok))
    }

    fn query(&self, mode: Mode) -> FindQuery {
        let (parts, text) = match &self.request.query {
            Query::Parts(parts) => (parts.clone(), None),
            Query::Text(text) => (Parts::default(), Some(Arc::clone(text))),
        };
        FindQuery {
            parts,
            text,
            mode,
            limit: self.request.limit,
            min_confidence: self.request.min_confidence,
            without: self.without.clone(),
            remember: self.remember,
        }
    }
}

/// Cancels a run when the request has its answer, or when its caller has gone and the request is dropped.
struct StopOnDrop(Deadline);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// What a run's end counts as, and the answer or why there is none.
fn judge(tier: Tier, end: Option<End>) -> (AttemptResult, Result<FinderAnswer, FallbackReason>) {
    match end {
        Some(End::Answer(answer)) => (AttemptResult::Ok, Ok(answer)),
        None | Some(End::Error(FinderError::Deadline(_))) => {
            tracing::debug!(%tier, "cut off by the deadline");
            (AttemptResult::Timeout, Err(FallbackReason::Timeout))
        }
        Some(End::Error(error)) => {
            tracing::warn!(%tier, error = &error as &dyn std::error::Error, "the tier failed");
            (AttemptResult::Error, Err(reason(&error)))
        }
        Some(End::Panic(message)) => {
            tracing::warn!(%tier, message, "the tier panicked");
            (AttemptResult::Panic, Err(FallbackReason::Panic))
        }
    }
}

fn reason(error: &FinderError) -> FallbackReason {
    match error {
        FinderError::NotReady(_) => FallbackReason::NotReady,
        FinderError::Engine(EngineError::Overloaded { .. }) => FallbackReason::Overloaded,
        _ => FallbackReason::Error,
    }
}
