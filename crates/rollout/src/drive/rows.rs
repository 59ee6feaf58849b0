//! Where the rows of suites and measurements come from: the plan's file, or the knowledge base.

use find_facts_api::admin::SampledEntity;
use find_facts_core::{Mode, Parts, Tier};

use super::Driver;
use super::call::Halt;
use crate::ports::{Answer, Ask, PortError};
use crate::suite::{Row, SuiteKind, SuiteSource, generate, generate_semantic};

impl Driver<'_> {
    /// The rows of a suite, and where they came from.
    pub(super) fn rows(&mut self, suite: SuiteKind) -> Result<(Vec<Row>, SuiteSource), Halt> {
        let plan = self.run.schedule.tier_plan().map(|plan| &plan.suites);
        let file = plan.and_then(|plan| match suite {
            SuiteKind::Unit => plan.unit.file.clone(),
            SuiteKind::Integration => plan.integration.file.clone(),
            SuiteKind::Performance => plan.performance.file.clone(),
            SuiteKind::Acceptance => plan.acceptance.file.clone(),
        });
        if let Some(file) = file {
            let rows = self.run.suites.get(&suite).cloned();
            let missing = || Halt::Failed(format!("the {suite} suite's file `{file}` was not read"));
            return rows.ok_or_else(missing).map(|rows| (rows, SuiteSource::File(file.clone())));
        }
        let (seed, size) = plan.map(|plan| (plan.seed, plan.rows)).unwrap_or_default();
        if !self.made.contains_key(&suite) {
            let rows = self.make(suite, seed, size)?;
            self.made.insert(suite, rows);
        }
        let rows = self.made.get(&suite).cloned().unwrap_or_default();
        Ok((rows, SuiteSource::KnowledgeBase { seed }))
    }

    pub(super) fn make(&mut self, suite: SuiteKind, seed: u64, size: usize) -> Result<Vec<Row>, Halt> {
        let sample = self.call(|server| server.sample(seed, size))?;
        let mut rows = Vec::new();
        for row in self.generated(suite, &sample.entities, seed, size) {
            // Noise can turn one name into another one, and then nobody could say which was meant.
            let means_itself = match self.as_exact(&row) {
                Some(parts) => self.finds_nothing(parts)?,
                None => true,
            };
            if means_itself {
                rows.push(row);
            }
            self.breathe()?;
        }
        Ok(rows)
    }

    pub(super) fn generated(
        &self,
        suite: SuiteKind,
        entities: &[SampledEntity],
        seed: u64,
        size: usize,
    ) -> Vec<Row> {
        match self.run.schedule.tier() {
            Some(Tier::Tier2) => generate_semantic(suite, entities, seed, size),
            _ => generate(suite, entities, seed, size),
        }
    }

    /// What exact matching may not answer if the row means what it was made for; `None` where it may.
    fn as_exact(&self, row: &Row) -> Option<Parts> {
        match self.run.schedule.tier() {
            _ if row.kind == "exact" || row.text.is_some() => None,
            // The name is exact and the wording is not: together they may not be an exact query.
            Some(Tier::Tier2) => Some(row.query.clone()),
            _ => Some(Parts { predicate: None, ..row.query.clone() }),
        }
    }

    fn finds_nothing(&mut self, parts: Parts) -> Result<bool, Halt> {
        let ask = Ask { parts, mode: Some(Mode::Exact), ..Ask::default() };
        Ok(self.call(|server| server.ask(&ask))?.facts.is_empty())
    }

    /// Asks a row in the tier's mode, or in its own. A refusal is an answer that is wrong.
    pub(super) fn ask(&mut self, row: &Row) -> Result<Option<Answer>, Halt> {
        let tiers = self.run.schedule.tier().map(|tier| tier.mode());
        self.ask_in(row, row.mode.or(tiers))
    }

    /// Asks a row in a mode.
    pub(super) fn ask_in(&mut self, row: &Row, mode: Option<Mode>) -> Result<Option<Answer>, Halt> {
        let ask =
            Ask { parts: row.query.clone(), text: row.text.clone(), mode, without: row.without.clone() };
        let patience = self.run.schedule.plan.lease().ttl;
        match self.reach(patience, |server| server.ask(&ask))? {
            Ok(answer) => Ok(Some(answer)),
            Err(PortError::Refused { .. }) => Ok(None),
            Err(other) => Err(Halt::Failed(other.to_string())),
        }
    }
}
