//! Where the rows of suites and measurements come from: the plan's file, or the knowledge base.

use find_facts_core::{Mode, Parts};

use super::Driver;
use super::call::Halt;
use crate::ports::{Answer, Ask, PortError};
use crate::suite::{Row, SuiteKind, SuiteSource, generate};

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
        for row in generate(suite, &sample.entities, seed, size) {
            // Noise can turn one name into another one, and then nobody could say which was meant.
            let means_itself = row.kind == "exact" || self.ask_exact(&row)?.facts.is_empty();
            if means_itself {
                rows.push(row);
            }
            self.breathe()?;
        }
        Ok(rows)
    }

    fn ask_exact(&mut self, row: &Row) -> Result<Answer, Halt> {
        let parts = Parts { predicate: None, ..row.query.clone() };
        self.call(|server| {
            server.ask(&Ask { parts: parts.clone(), mode: Some(Mode::Exact), ..Ask::default() })
        })
    }

    /// Asks a row in the tier's mode, or in its own. A refusal is an answer that is wrong.
    pub(super) fn ask(&mut self, row: &Row) -> Result<Option<Answer>, Halt> {
        let tiers = self.run.schedule.tier().map(|tier| tier.mode());
        self.ask_in(row, row.mode.or(tiers))
    }

    /// Asks a row in a mode.
    pub(super) fn ask_in(&mut self, row: &Row, mode: Option<Mode>) -> Result<Option<Answer>, Halt> {
        let ask = Ask { parts: row.query.clone(), mode, without: row.without.clone() };
        let patience = self.run.schedule.plan.lease().ttl;
        match self.reach(patience, |server| server.ask(&ask))? {
            Ok(answer) => Ok(Some(answer)),
            Err(PortError::Refused { .. }) => Ok(None),
            Err(other) => Err(Halt::Failed(other.to_string())),
        }
    }
}
