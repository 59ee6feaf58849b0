//! What the figures of a step's own observed window say. Four verdicts, none of them silently another.

use std::time::Duration;

use find_facts_analysis::totals::{failures, quantile_us, slower_than};
use find_facts_analysis::{Rate, harm_shown, limit, rate};
use find_facts_core::health::{Status, Totals};
use serde::{Deserialize, Serialize};

use super::Watch;
use crate::plan::{ExposurePlan, LimitsPlan, duration_text};

/// What follows from the figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Enough attempts, within every limit, and the server calls the tier healthy.
    Healthy,
    /// Shown to be above a limit.
    Harmful {
        /// Which, with the figures.
        reasons: Vec<String>,
    },
    /// Neither is shown.
    NotEnoughData {
        /// What is missing.
        reasons: Vec<String>,
    },
    /// No countable figures arrive.
    CannotSee {
        /// Why.
        reason: String,
    },
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Verdict::Healthy => f.write_str("healthy, by the plan's fixed limits"),
            Verdict::Harmful { reasons } => write!(f, "harmful: {}", reasons.join("; ")),
            Verdict::NotEnoughData { reasons } => write!(f, "not enough data: {}", reasons.join("; ")),
            Verdict::CannotSee { reason } => write!(f, "cannot see: {reason}"),
        }
    }
}

/// The figures of a window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Attempts of the callers exposed.
    pub attempts: u64,
    /// Of these, errors, panics and time-outs.
    pub failures: u64,
    /// Their share, with its 95 % interval.
    pub error_rate: Option<Rate>,
    /// Median latency.
    pub p50_ms: Option<f64>,
    /// 95th percentile of the latency.
    pub p95_ms: Option<f64>,
    /// Requests of as many callers who are not exposed.
    pub control: u64,
    /// 95th percentile of their latency.
    pub control_p95_ms: Option<f64>,
}

impl Evidence {
    /// The figures of counted attempts.
    pub fn of(canary: &Totals, control: &Totals) -> Self {
        let ms = |totals: &Totals, share| quantile_us(totals, share).map(|us| us as f64 / 1e3);
        Self {
            attempts: canary.attempts,
            failures: failures(canary),
            error_rate: rate(failures(canary), canary.attempts),
            p50_ms: ms(canary, 0.5),
            p95_ms: ms(canary, 0.95),
            control: control.attempts,
            control_p95_ms: ms(control, 0.95),
        }
    }
}

/// Judges everything seen in the window so far, by the plan's fixed limits.
pub fn verdict(watch: &Watch, step: &ExposurePlan, limits: &LimitsPlan) -> Verdict {
    let harm = harm(&watch.canary, limits);
    if !harm.is_empty() {
        return Verdict::Harmful { reasons: harm };
    }
    if let Some(reason) = &watch.blind_reason {
        return Verdict::CannotSee { reason: reason.clone() };
    }
    let missing = missing(watch, step, limits);
    if missing.is_empty() { Verdict::Healthy } else { Verdict::NotEnoughData { reasons: missing } }
}

/// Limits that the figures show to be broken, in a way that stays valid however often one looks.
fn harm(canary: &Totals, limits: &LimitsPlan) -> Vec<String> {
    // The budget of false alarms is split over the two figures.
    let budget = limit::FALSE_ALARMS / 2.0;
    let share = f64::from(limits.error_rate) / 100.0;
    let failed = failures(canary);
    let mut reasons = Vec::new();
    if harm_shown(failed, canary.attempts, share, budget) {
        reasons.push(format!(
            "{failed} of {} attempts failed; the limit is {} %",
            canary.attempts, limits.error_rate
        ));
    }
    let slow = slower_than(canary, micros(limits.p95));
    if harm_shown(slow, canary.attempts, 0.05, budget) {
        reasons.push(format!(
            "{slow} of {} attempts took longer than {}; the limit is 5 %",
            canary.attempts,
            duration_text(limits.p95)
        ));
    }
    reasons
}

/// What keeps the window from being healthy.
fn missing(watch: &Watch, step: &ExposurePlan, limits: &LimitsPlan) -> Vec<String> {
    let canary = &watch.canary;
    let mut reasons = Vec::new();
    if canary.attempts < step.min_samples {
        reasons.push(format!("{} of at least {} attempts", canary.attempts, step.min_samples));
    }
    let errors = rate(failures(canary), canary.attempts).map_or(0.0, |rate| 100.0 * rate.share);
    if errors > f64::from(limits.error_rate) {
        reasons.push(format!("{errors:.1} % of attempts failed; the limit is {} %", limits.error_rate));
    }
    if slower_than(canary, micros(limits.p95)) * 20 > canary.attempts {
        reasons.push(format!("more than 5 % of attempts took longer than {}", duration_text(limits.p95)));
    }
    if watch.status != Status::Healthy {
        let said =
            if watch.reasons.is_empty() { "without a reason".to_owned() } else { watch.reasons.join(", ") };
        reasons.push(format!("the server says {:?}: {said}", watch.status).to_lowercase());
    }
    if watch.lowered {
        reasons.push("health has lowered the ceiling".to_owned());
    }
    reasons
}

fn micros(length: Duration) -> u64 {
    u64::try_from(length.as_micros()).unwrap_or(u64::MAX)
}
