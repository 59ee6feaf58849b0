//! Golden probes of a step: whether the tier answers right. They are tested in blocks, because answers that turn wrong after hours
//! of right ones would be outweighed by these for hours more.

use find_facts_analysis::harm_shown;
use find_facts_core::health::GoldenTotals;
use serde::{Deserialize, Serialize};

use crate::plan::LimitsPlan;

/// A block ends with the look that brings it to this many: what a server's rate is over.
const BLOCK: u64 = 200;

/// The probes so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Golden {
    all: GoldenTotals,
    block: GoldenTotals,
    /// Blocks that have ended.
    ended: u32,
    /// The server's rate at the last look.
    lately: Option<f64>,
}

impl Golden {
    /// With the probes between two looks, and the server's rate at the later one.
    #[must_use]
    pub(super) fn plus(self, more: GoldenTotals, lately: Option<f64>) -> Self {
        let (block, ended) = match self.block.answered {
            BLOCK.. => (GoldenTotals::default(), self.ended + 1),
            _ => (self.block, self.ended),
        };
        Self { all: sum(self.all, more), block: sum(block, more), ended, lately }
    }

    /// All of the step.
    pub(super) fn totals(&self) -> GoldenTotals {
        self.all
    }

    /// Answers shown to be right less often than the plan asks for. The n-th block may give a false alarm with a chance of
    /// `budget / n(n + 1)`, which are `budget` over any number of blocks.
    pub(super) fn harm(&self, limits: &LimitsPlan, budget: f64) -> Option<String> {
        let may_be_wrong = 1.0 - f64::from(limits.golden_right) / 100.0;
        let number = f64::from(self.ended) + 1.0;
        let GoldenTotals { answered, right } = self.block;
        let shown =
            harm_shown(self.block.wrong(), answered, may_be_wrong, budget / (number * (number + 1.0)));
        let limit = limits.golden_right;
        shown.then(|| {
            format!(
                "{right} of the last {answered} golden probes were answered right; the limit is {limit} %"
            )
        })
    }

    /// Answers that are right less often than the plan asks for at the moment.
    pub(super) fn missing(&self, limits: &LimitsPlan) -> Option<String> {
        limits.golden_shortfall(self.lately)
    }
}

fn sum(one: GoldenTotals, other: GoldenTotals) -> GoldenTotals {
    GoldenTotals { answered: one.answered + other.answered, right: one.right + other.right }
}
