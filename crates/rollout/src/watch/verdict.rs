//! What the figures of a step's own observed window say. Four verdicts, none of them silently another.

use find_facts_analysis::totals::{failures, quantile_us, slower_than};
use find_facts_analysis::{Pairs, Rate, harm_shown, limit, rate};
use find_facts_core::health::{GoldenTotals, Status, Totals};
use serde::{Deserialize, Serialize};

use super::{Basis, Sides, Watch};
use crate::plan::{ExposurePlan, LimitsPlan, TierPlan, duration_text};
use crate::schedule::micros;

/// What follows from the figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Enough attempts, within every limit, not shown to do worse than the control, and the server calls the tier healthy.
    Healthy {
        /// What this rests on.
        by: Basis,
        /// Golden probes that it rests on too.
        #[serde(default, skip_serializing_if = "GoldenTotals::is_empty")]
        golden: GoldenTotals,
    },
    /// Shown to be above a limit, or to do worse than the control by more than the plan allows.
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
            Verdict::Healthy { by, golden } if golden.is_empty() => {
                write!(f, "healthy, {by}; no golden probes")
            }
            Verdict::Healthy { by, golden: GoldenTotals { answered, right } } => {
                write!(f, "healthy, {by}; {right} of {answered} golden probes right")
            }
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
    /// Of these requests, those that ended in an error, a panic or a time-out.
    #[serde(default)]
    pub control_failures: u64,
    /// Callers of both, each counted once; none before there is somebody on each side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Sides>,
    /// Golden probes that the tier answered.
    #[serde(default, skip_serializing_if = "GoldenTotals::is_empty")]
    pub golden: GoldenTotals,
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
            control_failures: failures(control),
            compared: None,
            golden: GoldenTotals::default(),
        }
    }
}

/// Judges everything seen in the window of a step so far: by the plan's fixed limits, and against the control.
pub fn verdict(watch: &Watch, step: &ExposurePlan, plan: &TierPlan) -> Verdict {
    let limits = &plan.limits;
    let budget = Budget::of(watch, plan);
    let mut harm = harm(&watch.canary, limits, budget.limit);
    harm.extend(watch.golden.harm(limits, budget.limit));
    harm.extend(too_much_memory(watch.memory_now, limits));
    harm.extend(worse_than_control(watch, limits, budget.comparison));
    harm.extend(worse_than_without(watch, limits, budget.comparison));
    if !harm.is_empty() {
        return Verdict::Harmful { reasons: harm };
    }
    if let Some(reason) = &watch.blind_reason {
        return Verdict::CannotSee { reason: reason.clone() };
    }
    let missing = missing(watch, step, limits);
    if missing.is_empty() {
        Verdict::Healthy { by: watch.basis(), golden: watch.golden.totals() }
    } else {
        Verdict::NotEnoughData { reasons: missing }
    }
}

/// Limits that the figures show to be broken, in a way that stays valid however often one looks.
fn harm(canary: &Totals, limits: &LimitsPlan, budget: f64) -> Vec<String> {
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

/// Memory is measured and not estimated, so one look above the limit is enough.
fn too_much_memory(bytes: u64, limits: &LimitsPlan) -> Option<String> {
    let limit_mb = limits.memory_mb?;
    let is_above = bytes > limit_mb.saturating_mul(1_000_000);
    is_above.then(|| format!("{:.0} MB of memory are in use; the limit is {limit_mb} MB", bytes as f64 / 1e6))
}

/// What the canary is shown to do worse than the control, by more than the plan allows.
fn worse_than_control(watch: &Watch, limits: &LimitsPlan, budget: f64) -> Vec<String> {
    let Some(Sides { canary, control }) = watch.against.sides() else { return Vec::new() };
    let allowed = format!("at most {} points more are allowed", limits.over_control);
    let mut reasons = Vec::new();
    if watch.against.errors.harm_shown(budget) {
        reasons.push(format!(
            "compared with control, {} of {} callers failed, of control {} of {}; {allowed}",
            canary.failed, canary.callers, control.failed, control.callers
        ));
    }
    if watch.against.slow.harm_shown(budget) {
        reasons.push(format!(
            "compared with control, {} of {} callers waited longer than {}, of control {} of {}; {allowed}",
            canary.slow,
            canary.callers,
            duration_text(limits.p95),
            control.slow,
            control.callers
        ));
    }
    reasons
}

/// What goes wrong with the tier and not without it, in requests asked both ways, by more than the plan allows.
fn worse_than_without(watch: &Watch, limits: &LimitsPlan, budget: f64) -> Vec<String> {
    let margin = f64::from(limits.over_control) / 100.0;
    let slow = format!("took longer than {}", duration_text(limits.p95));
    let figures = [(watch.paired.failed, "failed".to_owned()), (watch.paired.slow, slow)];
    let shown = figures.into_iter().filter(|(pairs, _)| pairs.harm_shown(margin, budget));
    let reason = |(pairs, what): (Pairs, String)| {
        format!(
            "of {} requests asked with the tier and without, {} {what} only with it and {} only without; at most {} \
             points more are allowed",
            pairs.all(),
            pairs.first,
            pairs.second,
            limits.over_control
        )
    };
    shown.map(reason).collect()
}

/// How many false alarms each test may give: the whole, split over the figures that are tested.
struct Budget {
    /// Of one of the limits.
    limit: f64,
    /// Of one of the two figures that are compared with the control's, or with the same requests' without the tier.
    comparison: f64,
}

impl Budget {
    fn of(watch: &Watch, plan: &TierPlan) -> Self {
        // Whether there is a control, or another comparison in its place, does not depend on how attempts end.
        let comparisons = [watch.against.sides().is_some(), watch.paired.requests() > 0];
        let compared = 2 * comparisons.into_iter().filter(|is_there| *is_there).count();
        let figures = 2 + compared + usize::from(!watch.golden.totals().is_empty());
        let limit = limit::FALSE_ALARMS / figures as f64;
        // Every step counts every caller anew, so each begins its own comparison and takes its own share.
        Self { limit, comparison: limit / plan.exposure.len().max(1) as f64 }
    }
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
    reasons.extend(watch.golden.missing(limits));
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
