//! The same requests with the tier and without it, asked by the run itself: what is compared where there are too few callers
//! to compare with.

use find_facts_analysis::Pairs;
use serde::{Deserialize, Serialize};

/// Requests asked both ways; the first way is the tier's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paired {
    /// Which ways ended in an error, a panic, a time-out or without an answer.
    pub failed: Pairs,
    /// Which ways took longer than the plan's limit.
    pub slow: Pairs,
}

/// How one way of a request went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) failed: bool,
    pub(crate) slow: bool,
}

impl Paired {
    /// With another request.
    pub(crate) fn add(&mut self, tier: Way, exact: Way) {
        self.failed.add(tier.failed, exact.failed);
        self.slow.add(tier.slow, exact.slow);
    }

    #[must_use]
    pub(super) fn plus(self, more: Paired) -> Paired {
        Paired { failed: self.failed.plus(more.failed), slow: self.slow.plus(more.slow) }
    }

    /// How many requests were asked.
    pub fn requests(&self) -> u64 {
        self.failed.all()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.requests() == 0
    }
}
