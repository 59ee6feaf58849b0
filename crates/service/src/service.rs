//! FindFactsService: one request in, one answer out. Exact matching answers first and costs what it always did; only where
//! it found nothing, or where near matches or a question are asked for, the tiers run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use find_facts_core::{
    Caller, Clock, Cohort, FactFinder, FactStore, FinderAnswer, FlagEvaluator, Mode, Outcome, OutcomeSink,
    Tier, Without,
};
use find_facts_health::Monitor;
use find_facts_store::{FactId, Index, Store};

use crate::descent::{Descent, Landing, Pools};
use crate::enhanced::{self, Served};
use crate::legacy;
use crate::pool::{CannotStart, Pool};
use crate::request::{FindFactsRequest, Query};
use crate::route::{self, Ask};
use crate::timeouts::Timeouts;

/// Answers requests from the knowledge base, with whatever tiers are installed and given to the caller.
pub struct FindFactsService {
    pub(crate) store: Arc<Store>,
    flags: Arc<dyn FlagEvaluator>,
    health: Arc<Monitor>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) timeouts: ArcSwap<Timeouts>,
    pub(crate) pools: ArcSwap<Pools>,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub enum Asker<'a> {
    /// A client: the flags and health decide.
    Client(&'a Caller),
    /// An operator: a named mode runs whatever flags and health say, and counts in no window. The names are hidden.
    Operator(&'a Caller, &'a Without),
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// JSON, for a response of status 200.
    pub body: Vec<u8>,
    /// How it came about, as health was told.
    pub outcome: Outcome,
}

impl FindFactsService {
    /// A service without tiers.
    pub fn new(
        store: Arc<Store>,
        flags: Arc<dyn FlagEvaluator>,
        health: Arc<Monitor>,
        clock: Arc<dyn Clock>,
        timeouts: Timeouts,
    ) -> Self {
        let timeouts = ArcSwap::from_pointee(timeouts);
        Self { store, flags, health, clock, timeouts, pools: ArcSwap::default() }
    }

    /// Puts a tier in service, in place of the one that was; requests under way keep theirs.
    pub fn install(&self, finder: Arc<dyn FactFinder>) -> Result<(), CannotStart> {
        let tier = finder.tier();
        let pool = Arc::new(Pool::start(finder)?);
        self.replace(tier, Some(&pool));
        Ok(())
    }

    /// Takes a tier out of service; requests under way still get its answer.
    pub fn remove(&self, tier: Tier) {
        self.replace(tier, None);
    }

    /// Puts other deadlines in force; requests under way keep theirs.
    pub fn set_timeouts(&self, timeouts: Timeouts) {
        self.timeouts.store(Arc::new(timeouts));
    }

    fn replace(&self, tier: Tier, pool: Option<&Arc<Pool>>) {
        self.pools.rcu(|pools| {
            let mut pools = Pools::clone(pools);
            pools[tier as usize] = pool.cloned();
            pools
        });
    }

    /// Answers a request. Dropping the future stops the work for it.
    ///
    /// Where exact matching finds facts, or no tier may run, the first poll answers: nothing is spawned and nothing
    /// allocated that exact matching alone would not.
    pub async fn find(&self, request: &FindFactsRequest, asker: Asker<'_>) -> Answer {
        let started = self.clock.now();
        let flags = self.flags.decide(asker.caller());
        let pools = self.pools.load_full();
        let route = route::decide(&Ask {
            named: request.mode,
            question: matches!(request.query, Query::Text(_)),
            flags: &flags,
            whatever_the_flags: asker.is_operator() && request.mode.is_some(),
            loaded: Tier::ALL.map(|tier| pools[tier as usize].is_some()),
        });
        let exact = Exact::find(self.store.current(), request, asker.without());
        let mut landing = if exact.settles(route.asked) {
            Landing::exact(None)
        } else {
            self.descent(request, asker, &pools, &exact).go(route).await
        };
        let served = Served {
            asked: route.asked,
            by: landing.served,
            fallback: landing.fallback,
            took: self.since(started),
        };
        let body = exact.or(landing.answer.take(), request, served);
        let outcome = Outcome {
            mode_asked: route.asked,
            mode_served: landing.served,
            generation: flags.generation,
            cohort: if asker.is_operator() { Cohort::Operator } else { flags.cohort },
            caller: flags.caller,
            latency: self.since(started),
            attempts: landing.attempts,
            fallback: landing.fallback,
        };
        self.health.record(&outcome);
        Answer { body, outcome }
    }

    fn descent<'a>(
        &'a self,
        request: &'a FindFactsRequest,
        asker: Asker<'a>,
        pools: &'a Pools,
        exact: &Exact,
    ) -> Descent<'a> {
        Descent {
            request,
            without: asker.without(),
            store: Arc::clone(&exact.index) as Arc<dyn FactStore>,
            pools,
            // An operator looks at a tier that health has lowered, and takes no client's turn to probe it.
            health: (!asker.is_operator()).then_some(&self.health),
            clock: &self.clock,
            timeouts: **self.timeouts.load(),
            found_exactly: !exact.found.is_empty(),
            remember: true,
        }
    }

    fn since(&self, started: Instant) -> Duration {
        self.clock.now().saturating_duration_since(started)
    }
}

impl<'a> Asker<'a> {
    fn caller(self) -> &'a Caller {
        match self {
            Asker::Client(caller) | Asker::Operator(caller, _) => caller,
        }
    }

    fn without(self) -> &'a Without {
        static NOTHING: Without = Without { aliases: Vec::new(), entities: Vec::new(), wordings: Vec::new() };
        match self {
            Asker::Client(_) => &NOTHING,
            Asker::Operator(_, without) => without,
        }
    }

    fn is_operator(self) -> bool {
        matches!(self, Asker::Operator(..))
    }
}

/// What exact matching found, in one version of the knowledge base.
struct Exact {
    index: Arc<Index>,
    found: Vec<FactId>,
}

impl Exact {
    fn find(index: Arc<Index>, request: &FindFactsRequest, without: &Without) -> Self {
        let found = match &request.query {
            Query::Parts(parts) => legacy::find(&index, parts, request.limit, without),
            Query::Text(_) => Vec::new(),
        };
        Self { index, found }
    }

    /// What exact matching finds is the answer of every mode but one.
    fn settles(&self, asked: Mode) -> bool {
        !self.found.is_empty() && asked != Mode::FuzzyRanked
    }

    /// The answer's bytes: the tier's where it has something to add, else those that exact matching alone would give.
    fn or(&self, answer: Option<FinderAnswer>, request: &FindFactsRequest, served: Served) -> Vec<u8> {
        let exact = self.found.iter().map(|id| self.index.fact(*id));
        let gap = answer.as_ref().and_then(|answer| answer.gap.clone());
        let added = answer
            .and_then(|answer| enhanced::wanted(answer, request))
            .filter(|answer| !enhanced::is_exact(&answer.facts, exact));
        match (added, &request.query) {
            (Some(answer), _) => enhanced::format(answer, request, served),
            (None, Query::Parts(parts)) => legacy::format(&self.index, &self.found, request.limit, parts),
            (None, Query::Text(question)) => enhanced::format_no_answer(question, request, served, gap),
        }
    }
}
