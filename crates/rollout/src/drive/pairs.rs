//! One and the same request asked both ways: what the tier adds in time, and in right answers.

use std::time::Duration;

use find_facts_analysis::{improvement, quantile_with_interval};
use find_facts_core::Mode;

use super::Driver;
use super::call::Halt;
use crate::measure::{Accuracy, AddedLatency};
use crate::ports::Answer;
use crate::suite::{Row, SuiteKind, SuiteSource};

/// A pair counts only if both of its requests were done within the same second.
const SAME_MOMENT: Duration = Duration::from_secs(1);

impl Driver<'_> {
    /// Per-request differences, enhanced minus exact.
    pub(super) fn measure_added(&mut self) -> Result<AddedLatency, Halt> {
        let wanted = self.run.schedule.tier_plan().map(|plan| plan.criteria.pairs).unwrap_or_default();
        let rows = self.fresh_rows(wanted)?;
        let mut differences_ms = Vec::new();
        // Twice as many tries as pairs: a machine that is too busy for that cannot be measured.
        for (number, row) in rows.iter().cycle().take(wanted * 2).enumerate() {
            if differences_ms.len() == wanted {
                break;
            }
            self.working("paired requests".to_owned(), differences_ms.len() as u64, wanted as u64);
            self.breathe()?;
            if let Some((exact, enhanced)) = self.pair(row, number % 2 == 0)?
                && exact.elapsed + enhanced.elapsed <= SAME_MOMENT
            {
                differences_ms.push((enhanced.elapsed.as_secs_f64() - exact.elapsed.as_secs_f64()) * 1e3);
            }
        }
        let enough = differences_ms.len() == wanted;
        let at = |share| quantile_with_interval(differences_ms.clone(), share).filter(|_| enough);
        match (at(0.5), at(0.95)) {
            (Some(p50_ms), Some(p95_ms)) => Ok(AddedLatency { p50_ms, p95_ms }),
            _ => Err(Halt::Failed(format!("{} of {wanted} pairs could be asked", differences_ms.len()))),
        }
    }

    /// Rows that no suite has asked yet, so that the tier's cache does not answer for it; a plan's own file as it is.
    fn fresh_rows(&mut self, wanted: usize) -> Result<Vec<Row>, Halt> {
        match self.rows(SuiteKind::Performance)? {
            (rows, SuiteSource::File(_)) => Ok(rows),
            (_, SuiteSource::KnowledgeBase { seed }) => {
                self.make(SuiteKind::Performance, seed.wrapping_add(1), wanted)
            }
        }
    }

    /// Both answers to a row. Which comes first changes from pair to pair, so that neither finds warmer caches.
    fn pair(&mut self, row: &Row, exact_first: bool) -> Result<Option<(Answer, Answer)>, Halt> {
        let exact = if exact_first { self.ask_in(row, Some(Mode::Exact))? } else { None };
        let enhanced = self.ask(row)?;
        let exact = if exact_first { exact } else { self.ask_in(row, Some(Mode::Exact))? };
        Ok(exact.zip(enhanced))
    }

    /// Success on the variations of the acceptance suite; rows that expect nothing are no variations of a name.
    pub(super) fn measure_accuracy(&mut self) -> Result<Accuracy, Halt> {
        let (rows, _) = self.rows(SuiteKind::Acceptance)?;
        let variations: Vec<Row> = rows.into_iter().filter(|row| !row.expects_nothing()).collect();
        let mut compared = Vec::new();
        for (done, row) in variations.iter().enumerate() {
            self.working("variations".to_owned(), done as u64, variations.len() as u64);
            self.breathe()?;
            let exact = self.ask_in(row, Some(Mode::Exact))?;
            let enhanced = self.ask(row)?;
            let right = |answer: Option<Answer>| answer.is_some_and(|answer| row.is_met_by(answer.first()));
            compared.push((right(exact), right(enhanced)));
        }
        let found =
            improvement(compared).ok_or_else(|| Halt::Failed("there are no variations".to_owned()))?;
        Ok(Accuracy { improvement: found })
    }
}
