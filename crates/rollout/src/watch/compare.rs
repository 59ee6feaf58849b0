//! Canary against control in the same minutes: who was compared, what came of it, and on what a verdict rests.
//!
//! Invariant: each caller counts once in a step, by its first attempt, so that one who comes back and fails again is not
//! taken for many. Retries would else decide how much is counted.

use std::fmt;

use find_facts_analysis::totals::{failures, slower_than};
use find_facts_analysis::{Arm, TwoArms};
use find_facts_core::Cohort;
use find_facts_core::health::Totals;
use serde::{Deserialize, Serialize};

/// Fewer callers than this on a side give no rate, as a server's health has it: no opinion.
const LEAST_CALLERS: u64 = 20;

/// Evidence that the canary does worse, figure by figure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Against {
    pub(super) errors: TwoArms,
    pub(super) slow: TwoArms,
}

/// What is held against each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Yardstick {
    /// An attempt that takes longer is slow, microseconds.
    pub slow_us: u64,
    /// By how much more of the canary than of the control may fail or be slow, as a share.
    pub margin: f64,
}

impl Against {
    /// With the callers who came between two looks.
    pub(super) fn after(self, canary: &Totals, control: &Totals, by: Yardstick) -> Self {
        let arm = |totals: &Totals, hits| Arm { hits, attempts: totals.attempts };
        let failed = |totals: &Totals| arm(totals, failures(totals));
        let slow = |totals: &Totals| arm(totals, slower_than(totals, by.slow_us));
        Self {
            errors: self.errors.after(failed(canary), failed(control), by.margin),
            slow: self.slow.after(slow(canary), slow(control), by.margin),
        }
    }

    /// Both sides, once there is somebody on each.
    pub(super) fn sides(&self) -> Option<Sides> {
        let side =
            |failed: Arm, slow: Arm| Side { callers: failed.attempts, failed: failed.hits, slow: slow.hits };
        let canary = side(self.errors.canary(), self.slow.canary());
        let control = side(self.errors.control(), self.slow.control());
        (canary.callers > 0).then_some(Sides { canary, control })
    }

    /// What a verdict rests on.
    pub(super) fn basis(&self) -> Basis {
        let (canary, control) = (self.errors.canary().attempts, self.errors.control().attempts);
        match (canary.min(control) < LEAST_CALLERS, control <= canary) {
            (false, _) => Basis::Control { canary, control },
            (true, true) => Basis::TooFew { side: Cohort::Control, callers: control, needed: LEAST_CALLERS },
            (true, false) => Basis::TooFew { side: Cohort::Canary, callers: canary, needed: LEAST_CALLERS },
        }
    }
}

/// Canary and control side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sides {
    /// Callers exposed.
    pub canary: Side,
    /// As many who are not.
    pub control: Side,
}

/// Callers of one side, each by its first attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// How many there were.
    pub callers: u64,
    /// Whose first attempt ended in an error, a panic or a time-out.
    pub failed: u64,
    /// Whose first attempt took longer than the plan's limit.
    pub slow: u64,
}

/// What a verdict rests on, beside the plan's fixed limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A comparison with the control cohort.
    Control {
        /// Callers exposed.
        canary: u64,
        /// Callers who are not.
        control: u64,
    },
    /// Requests that the run asked with the tier and without it: a side has too few callers for a comparison.
    Paired {
        /// How many requests.
        requests: u64,
        /// Which side.
        side: Cohort,
        /// How many it has.
        callers: u64,
        /// How many it takes.
        needed: u64,
    },
    /// The fixed limits alone: a side has too few callers for a comparison.
    TooFew {
        /// Which.
        side: Cohort,
        /// How many it has.
        callers: u64,
        /// How many it takes.
        needed: u64,
    },
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Basis::Control { canary, control } => {
                write!(f, "by the plan's limits and compared with control ({canary} and {control} callers)")
            }
            Basis::Paired { requests, side, callers, needed } => {
                let too_few = format!("too few {side} callers ({callers} of {needed})");
                write!(
                    f,
                    "by the plan's limits and {requests} requests asked with the tier and without: {too_few}"
                )
            }
            Basis::TooFew { side, callers, needed } => {
                write!(f, "by the plan's fixed limits only: too few {side} callers ({callers} of {needed})")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn callers(n: u64) -> Totals {
        Totals { attempts: n, latency_us: vec![[2000, n]], ..Totals::default() }
    }

    fn check(canary: u64, control: u64, expected: &str) {
        let by = Yardstick { slow_us: 20_000, margin: 0.025 };
        let against = Against::default().after(&callers(canary), &callers(control), by);
        assert_eq!(against.basis().to_string(), expected);
    }

    #[test]
    fn a_verdict_says_what_it_rests_on() {
        check(40, 38, "by the plan's limits and compared with control (40 and 38 callers)");
        check(40, 3, "by the plan's fixed limits only: too few control callers (3 of 20)");
        check(3, 40, "by the plan's fixed limits only: too few canary callers (3 of 20)");
        check(500, 0, "by the plan's fixed limits only: too few control callers (0 of 20)");
    }
}
