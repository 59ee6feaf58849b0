//! Callers of one cohort, each counted once, by its first sample in a generation of the flags. Which samples count does not
//! depend on how they ended.

use std::collections::HashSet;

use find_facts_core::health::Totals;
use find_facts_core::{Generation, Outcome};

use crate::series::Sample;
use crate::totals::Tally;

/// Nobody is told apart beyond this many: what they would add to a comparison is little, and their memory is bounded, some
/// 2 MB for each cohort of a tier.
const MOST: usize = 200_000;

#[derive(Default)]
pub(crate) struct Callers {
    generation: Generation,
    seen: HashSet<u32>,
    tally: Tally,
}

impl Callers {
    pub(crate) fn record(&mut self, outcome: &Outcome, sample: &Sample) {
        if outcome.generation < self.generation {
            return;
        }
        if outcome.generation > self.generation {
            *self = Self { generation: outcome.generation, ..Self::default() };
        }
        if self.seen.len() < MOST && self.seen.insert(outcome.caller) {
            self.tally.record(sample);
        }
    }

    /// What was counted in this generation: of an earlier one nothing.
    pub(crate) fn totals(&self, generation: Generation) -> Totals {
        if generation == self.generation { self.tally.totals() } else { Totals::default() }
    }
}
