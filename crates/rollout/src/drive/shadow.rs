//! Sampled requests, asked with the tier and without it while a window is watched. They are the operator's: no caller waits for
//! them, and no window counts them.

use find_facts_core::Mode;

use super::call::Halt;
use super::{DriveError, Driver};
use crate::plan::TierPlan;
use crate::ports::Ask;
use crate::state::Stage;
use crate::suite::{Row, SuiteKind};
use crate::watch::{Paired, Way};

/// In a window of the shipped plans' shortest, scaled to its least, these add up to twice what a comparison needs.
const REQUESTS_A_LOOK: usize = 10;

/// A sample costs the server a walk through all names, so one is drawn for many looks.
const SAMPLED: usize = 200;

impl Driver<'_> {
    /// Asks for as long as half of the time between two looks, so that the figures are looked at in time.
    pub(super) fn shadow(&mut self) -> Result<Paired, DriveError> {
        let mut paired = Paired::default();
        let (Stage::Watching(watch), Some(plan)) = (&self.state.stage, self.run.schedule.tier_plan()) else {
            return Ok(paired);
        };
        if !watch.lacks_control() {
            return Ok(paired);
        }
        let seed = plan.suites.seed.wrapping_add(self.state.acts << 32).wrapping_add(watch.observed_ms);
        let until = self.world.timer.now() + self.run.schedule.check_every() / 2;
        for number in 0..REQUESTS_A_LOOK {
            match self.breathe() {
                Ok(()) => {}
                Err(Halt::Stop(error)) => return Err(*error),
                Err(Halt::Ordered | Halt::Failed(_)) => break,
            }
            if self.world.timer.now() >= until {
                break;
            }
            let Some(row) = self.sampled(plan, seed) else { break };
            match self.both_ways(&row, plan, number % 2 == 0) {
                // A server that is gone says nothing of the tier.
                (Some(tier), Some(exact)) if tier.failed && exact.failed => break,
                (Some(tier), Some(exact)) => paired.add(tier, exact),
                _ => {}
            }
        }
        Ok(paired)
    }

    /// A request that the tier's cache does not know: the seed is another one at every step and time of a run. None where the
    /// server gives no sample; a plan's own file as it is.
    fn sampled(&mut self, plan: &TierPlan, seed: u64) -> Option<Row> {
        if self.shadows.is_empty() {
            self.shadows = match self.run.suites.get(&SuiteKind::Performance) {
                Some(rows) if plan.suites.performance.file.is_some() => rows.clone(),
                _ => {
                    let sample = self.world.server.sample(seed, SAMPLED).ok()?;
                    self.generated(SuiteKind::Performance, &sample.entities, seed, SAMPLED)
                }
            };
        }
        self.shadows.pop()
    }

    /// With the tier, and without. Which comes first changes from request to request.
    fn both_ways(&self, row: &Row, plan: &TierPlan, exact_first: bool) -> (Option<Way>, Option<Way>) {
        let exact = || self.way(row, Mode::Exact, plan);
        let tier = || self.way(row, row.mode.unwrap_or(plan.tier.mode()), plan);
        if exact_first {
            let exact = exact();
            (tier(), exact)
        } else {
            (tier(), exact())
        }
    }

    /// None where the tier was to run and did not: it had nothing to do, or turned the request away.
    fn way(&self, row: &Row, mode: Mode, plan: &TierPlan) -> Option<Way> {
        let (parts, text, without) = (row.query.clone(), row.text.clone(), row.without.clone());
        let ask = Ask { parts, text, mode: Some(mode), without };
        let Ok(answer) = self.world.server.ask(&ask) else { return Some(Way { failed: true, slow: false }) };
        let slow = answer.elapsed > plan.limits.p95;
        if mode == Mode::Exact {
            return Some(Way { failed: false, slow });
        }
        let ran = answer.attempts.iter().find(|attempt| attempt.tier == plan.tier)?;
        Some(Way { failed: ran.result.is_error(), slow })
    }
}
