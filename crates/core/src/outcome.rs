//! What became of a request, as health wants to know it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::caller::Cohort;
use crate::flags::Generation;
use crate::tier::{Mode, Tier};

/// How a tier's run on one request ended. The last three are the tier's errors, whatever the client got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttemptResult {
    /// An answer, or nothing found.
    Ok,
    /// The tier returned an error.
    Error,
    /// The tier panicked.
    Panic,
    /// The tier was cut off; it counts with its full deadline.
    Timeout,
}

impl AttemptResult {
    /// Whether this counts towards the tier's error rate.
    pub fn is_error(self) -> bool {
        self != AttemptResult::Ok
    }
}

/// One run of one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Which tier ran.
    pub tier: Tier,
    /// How it ended.
    pub result: AttemptResult,
    /// How long it took; the full deadline when it was cut off.
    pub latency: Duration,
    /// Whether its cache answered.
    pub cache_hit: bool,
}

/// Why a lower tier answered than the one asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FallbackReason {
    /// The tier returned an error.
    Error,
    /// The tier panicked.
    Panic,
    /// The tier was cut off by its deadline.
    Timeout,
    /// The tier's breaker is open.
    BreakerOpen,
    /// The tier has no room for another request.
    Overloaded,
    /// The tier is not loaded.
    NotReady,
    /// The flags do not give it to this caller, or to anybody.
    FlagOff,
    /// Health has lowered the ceiling.
    Health,
}

impl FallbackReason {
    /// All reasons.
    pub const ALL: [FallbackReason; 8] = [
        FallbackReason::Error,
        FallbackReason::Panic,
        FallbackReason::Timeout,
        FallbackReason::BreakerOpen,
        FallbackReason::Overloaded,
        FallbackReason::NotReady,
        FallbackReason::FlagOff,
        FallbackReason::Health,
    ];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            FallbackReason::Error => "error",
            FallbackReason::Panic => "panic",
            FallbackReason::Timeout => "timeout",
            FallbackReason::BreakerOpen => "breaker_open",
            FallbackReason::Overloaded => "overloaded",
            FallbackReason::NotReady => "not_ready",
            FallbackReason::FlagOff => "flag_off",
            FallbackReason::Health => "health",
        }
    }
}

/// What became of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The mode in which the request was to be answered: asked for, or given by the flags.
    pub mode_asked: Mode,
    /// The mode that answered.
    pub mode_served: Mode,
    /// The flags' generation that decided.
    pub generation: Generation,
    /// The caller's cohort.
    pub cohort: Cohort,
    /// Which caller of its cohort, as [`FlagDecision::caller`](crate::flags::FlagDecision::caller) has it.
    pub caller: u32,
    /// From the parsed request to the answer.
    pub latency: Duration,
    /// Every tier that ran, in the order in which they ran; empty for plain exact answers.
    pub attempts: Vec<Attempt>,
    /// Why the mode served is below the one asked for.
    pub fallback: Option<FallbackReason>,
}

/// Listens to outcomes. Called on the request's path: it only counts.
pub trait OutcomeSink: Send + Sync {
    /// Takes note of one request's end.
    fn record(&self, outcome: &Outcome);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_named_as_on_the_wire() {
        for reason in FallbackReason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
        }
    }
}
