//! Exact answers before and after Phase 1: their bytes, and their latency in alternating blocks.

use find_facts_analysis::{InterferenceLimits, interference};
use find_facts_core::{Mode, Parts};

use find_facts_api::admin::{MonitoringPart, SampledEntity};
use find_facts_core::Part;

use super::Driver;
use super::call::Halt;
use crate::act::LegacyAnswers;
use crate::measure::Impact;
use crate::plan::{ImpactPlan, Plan};
use crate::ports::Ask;

/// Every so many queries one asks for a name that is nobody's, so that legacy's words for "nothing found" are compared too.
const UNKNOWN_EVERY: usize = 10;

impl Driver<'_> {
    fn impact_plan(&self) -> Result<ImpactPlan, Halt> {
        match &self.run.schedule.plan {
            Plan::Infrastructure(plan) => Ok(plan.impact),
            Plan::Tier(_) => Err(Halt::Failed("the plan does not say how impact is measured".to_owned())),
        }
    }

    /// The queries of a legacy client, and the version of the knowledge base that they were drawn from.
    fn legacy_queries(&mut self) -> Result<(u64, Vec<Parts>), Halt> {
        let plan = self.impact_plan()?;
        let sample = self.call(|server| server.sample(plan.seed, plan.requests))?;
        if sample.entities.is_empty() {
            return Err(Halt::Failed("the knowledge base has no facts to ask for".to_owned()));
        }
        let mut queries: Vec<Parts> = sample.entities.iter().map(query).collect();
        for unknown in queries.iter_mut().step_by(UNKNOWN_EVERY) {
            unknown.subject = Some("nobody has this name".into());
        }
        Ok((sample.version.0, queries))
    }

    /// What legacy answers.
    pub(super) fn legacy(&mut self) -> Result<LegacyAnswers, Halt> {
        let (kb_version, queries) = self.legacy_queries()?;
        let mut digests = Vec::new();
        for parts in queries {
            self.breathe()?;
            digests.push(self.digest(parts, None)?);
        }
        Ok(LegacyAnswers { kb_version, digests })
    }

    fn digest(&mut self, parts: Parts, mode: Option<Mode>) -> Result<String, Halt> {
        let ask = Ask { parts, mode, ..Ask::default() };
        self.call(|server| server.ask(&ask)).map(|answer| answer.digest)
    }

    pub(super) fn measure_impact(&mut self) -> Result<Impact, Halt> {
        let plan = self.impact_plan()?;
        let legacy = self.legacy()?;
        let (_, queries) = self.legacy_queries()?;
        let mut differing = 0;
        for (parts, as_caller) in queries.iter().zip(&legacy.digests) {
            self.breathe()?;
            differing += usize::from(self.digest(parts.clone(), Some(Mode::Exact))? != *as_caller);
        }
        let mut pairs = Vec::new();
        for number in 0..plan.blocks {
            self.working("alternating blocks".to_owned(), number as u64, plan.blocks as u64);
            pairs.push(self.blocks(&queries, plan.requests, number % 2 == 0)?);
        }
        let limits = |ratio, tolerance| InterferenceLimits { ratio, tolerance };
        let found = interference(
            pairs,
            limits(plan.p50_ratio, plan.p50_tolerance),
            limits(plan.p95_ratio, plan.p95_tolerance),
        )
        .map_err(|error| Halt::Failed(error.to_string()))?;
        Ok(Impact { legacy, differing, interference: found })
    }

    /// Two neighbouring blocks, with Phase 1's parts and without; which comes first changes from pair to pair.
    fn blocks(
        &mut self,
        queries: &[Parts],
        n: usize,
        with_first: bool,
    ) -> Result<(Vec<f64>, Vec<f64>), Halt> {
        let early = self.block(queries, n, with_first)?;
        let late = self.block(queries, n, !with_first)?;
        Ok(if with_first { (early, late) } else { (late, early) })
    }

    /// One block of latencies in microseconds. With Phase 1's parts: as callers ask, decided by the stored flags, while
    /// monitoring is read. Without: by the name of `exact`, and nobody reads.
    fn block(&mut self, queries: &[Parts], n: usize, with: bool) -> Result<Vec<f64>, Halt> {
        self.breathe()?;
        if with {
            self.call(|server| server.report())?;
            self.call(|server| server.look_at(MonitoringPart::Metrics))?;
        }
        let mode = (!with).then_some(Mode::Exact);
        let mut latencies_us = Vec::with_capacity(n);
        for parts in queries.iter().cycle().take(n) {
            let ask = Ask { parts: parts.clone(), mode, ..Ask::default() };
            latencies_us.push(self.call(|server| server.ask(&ask))?.elapsed.as_secs_f64() * 1e6);
        }
        Ok(latencies_us)
    }
}

/// The query that finds a sampled entity's facts.
fn query(entity: &SampledEntity) -> Parts {
    let predicate = entity.facts.first().map(|fact| fact.predicate.clone());
    let name = Some(entity.name.clone());
    match entity.part {
        Part::Object => Parts { object: name, predicate, subject: None },
        Part::Subject | Part::Predicate => Parts { subject: name, predicate, object: None },
    }
}
