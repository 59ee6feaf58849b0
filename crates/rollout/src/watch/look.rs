//! One look at the figures, as it stands in the journal. A look that failed is an entry too.

use find_facts_api::admin::GenerationRecord;
use find_facts_core::health::{GoldenTotals, Status, TierState, Totals};
use find_facts_core::{Cohort, Generation, HealthReport, Mode, Tier};
use serde::{Deserialize, Serialize};

use super::Paired;

/// What came of looking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Figures arrived.
    Seen(Box<Seen>),
    /// None did.
    Blind {
        /// Why.
        reason: String,
        /// Since the look before, or since the process began, by its own monotonic clock.
        elapsed_ms: u64,
    },
}

/// The figures that a verdict needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Since the look before, or since the process began, by its own monotonic clock.
    pub elapsed_ms: u64,
    /// Which start of the server counted.
    pub instance: String,
    /// How long that start has run, by its own monotonic clock.
    pub uptime_ms: u64,
    /// The generation in force.
    pub generation: Generation,
    /// Generations stored since the one the run expects; empty while that is in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub since: Vec<GenerationRecord>,
    /// The highest mode that health allows.
    pub ceiling: Mode,
    /// Why tiers are off that the flags have on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masks: Vec<String>,
    /// Whether the tier can run.
    pub state: TierState,
    /// The worse of the tier's status and the server's.
    pub status: Status,
    /// Why it is not healthy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Attempts of the callers exposed, since that start.
    pub canary: Totals,
    /// Requests of as many callers who are not, since that start.
    pub control: Totals,
    /// Of the callers exposed, each one's first attempt in this generation. A server that does not tell callers apart,
    /// and a journal of before, has none.
    #[serde(default, skip_serializing_if = "Totals::is_empty")]
    pub canary_callers: Totals,
    /// Of the callers of the control, each one's first request in this generation.
    #[serde(default, skip_serializing_if = "Totals::is_empty")]
    pub control_callers: Totals,
    /// Memory of the server and its workers; 0 in a journal of before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub memory_bytes: u64,
    /// Golden probes that the tier answered, since that start; a server that asks none, and a journal of before, has none.
    #[serde(default, skip_serializing_if = "GoldenTotals::is_empty")]
    pub golden: GoldenTotals,
    /// The server's rate of those answered right lately.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub golden_right: Option<f64>,
    /// Requests that the run asked both ways after this look, where control has too few callers to compare with.
    #[serde(default, skip_serializing_if = "Paired::is_empty")]
    pub paired: Paired,
}

fn is_zero(bytes: &u64) -> bool {
    *bytes == 0
}

impl Seen {
    /// What a report says of a tier.
    pub fn of(report: &HealthReport, tier: Tier, since: Vec<GenerationRecord>, elapsed_ms: u64) -> Self {
        let its = report.tiers.get(&tier);
        let cohort = |cohort| its.and_then(|its| its.cohorts.get(&cohort)).cloned().unwrap_or_default();
        let (canary, control) = (cohort(Cohort::Canary), cohort(Cohort::Control));
        let tier_status = its.map_or(Status::Healthy, |its| its.status);
        let tier_reasons = its.map(|its| its.reasons.clone()).unwrap_or_default();
        Self {
            elapsed_ms,
            instance: report.instance.clone(),
            uptime_ms: (report.uptime_seconds * 1e3) as u64,
            generation: report.generation,
            since,
            ceiling: report.ceiling,
            masks: report.masks.clone(),
            state: its.map_or(TierState::Off, |its| its.state),
            status: report.status.max(tier_status),
            reasons: report.reasons.iter().cloned().chain(tier_reasons).collect(),
            canary: canary.totals,
            control: control.totals,
            canary_callers: canary.callers,
            control_callers: control.callers,
            memory_bytes: report.memory.pss_bytes,
            golden: its.map(|its| its.quality.golden.totals).unwrap_or_default(),
            golden_right: its.and_then(|its| its.quality.golden.right_rate),
            paired: Paired::default(),
        }
    }
}
