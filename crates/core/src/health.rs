//! The health report: the one structure behind the JSON endpoint, the metrics, the dashboard and deployctl.
//!
//! A figure that is `None` is "no opinion": too few samples. Rates are shares between 0 and 1, latencies milliseconds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::caller::Cohort;
use crate::flags::Generation;
use crate::outcome::FallbackReason;
use crate::store::KbVersion;
use crate::tier::{Mode, Tier};

/// Gives the report as of now.
pub trait HealthSource: Send + Sync {
    /// The report.
    fn report(&self) -> HealthReport;
}

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nothing wrong, or nothing known.
    Healthy,
    /// Above a warning limit.
    Degraded,
    /// Above a critical limit, or with its breaker open.
    Critical,
}

/// The state of the whole server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HealthReport {
    /// Changes with every start of the server; totals count from there.
    pub instance: String,
    /// When the report was made, unix milliseconds.
    pub time_ms: u64,
    /// How long the server has run.
    pub uptime_seconds: f64,
    /// The flags' generation in force.
    pub generation: Generation,
    /// The knowledge base in service.
    pub kb: KbReport,
    /// Overall status.
    pub status: Status,
    /// Why it is not healthy; empty when it is.
    pub reasons: Vec<String>,
    /// The highest mode that health allows.
    pub ceiling: Mode,
    /// Why tiers are off that the stored flags have on: environment masks, the `DISABLE` file, an expired lease.
    pub masks: Vec<String>,
    /// The health window before it is widened, and how often it is collected and assessed.
    pub window: WindowSettings,
    /// Requests on which a tier ran, all tiers together.
    pub overall: Figures,
    /// Each tier.
    pub tiers: BTreeMap<Tier, TierReport>,
    /// How many requests each mode has served since the start.
    pub served: BTreeMap<Mode, u64>,
    /// How often each reason made a lower tier answer, since the start.
    pub fallbacks: BTreeMap<FallbackReason, u64>,
    /// All requests, whether or not a tier ran.
    pub requests: Figures,
    /// Memory of the server and its workers.
    pub memory: MemoryReport,
    /// Processor use.
    pub cpu: CpuReport,
    /// Models, loaded or not.
    pub models: Vec<ModelReport>,
    /// What clients said of answers, since the start.
    pub feedback: FeedbackReport,
}

/// The knowledge base in service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KbReport {
    /// Version of the content.
    pub version: Option<KbVersion>,
    /// Facts.
    pub facts: u64,
    /// Names that stand as subject or object.
    pub entities: u64,
    /// Relations.
    pub predicates: u64,
}

/// How health looks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WindowSettings {
    /// Length before widening.
    pub seconds: f64,
    /// Figures are collected this often.
    pub collect_seconds: f64,
    /// Status is assessed this often.
    pub assess_seconds: f64,
}

/// Figures of one window. Rates need 20 attempts, percentiles 100.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// How far back the window reaches.
    pub seconds: f64,
    /// Requests or attempts in it.
    pub attempts: u64,
    /// Those that ended in error, panic or time-out.
    pub errors: u64,
    /// Share of `errors`.
    pub error_rate: Option<f64>,
    /// Share of time-outs.
    pub timeout_rate: Option<f64>,
    /// Share that a lower tier answered.
    pub fallback_rate: Option<f64>,
    /// Requests a second.
    pub per_second: f64,
    /// Median latency.
    pub p50_ms: Option<f64>,
    /// 95th percentile.
    pub p95_ms: Option<f64>,
    /// 99th percentile.
    pub p99_ms: Option<f64>,
}

/// Whether a tier can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TierState {
    /// Not initialised.
    Off,
    /// Being initialised.
    Loading,
    /// Can run.
    Ready,
    /// Could not be initialised; the reasons say why.
    Failed,
}

impl TierState {
    /// All states.
    pub const ALL: [TierState; 4] = [TierState::Off, TierState::Loading, TierState::Ready, TierState::Failed];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            TierState::Off => "off",
            TierState::Loading => "loading",
            TierState::Ready => "ready",
            TierState::Failed => "failed",
        }
    }
}

/// A circuit breaker's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// Requests pass.
    Closed,
    /// Requests are turned away, but for one probe a second.
    Open,
    /// Probes are succeeding.
    HalfOpen,
}

/// One tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TierReport {
    /// Whether it can run.
    pub state: TierState,
    /// Of its initialisation, 0 to 1.
    pub progress: f64,
    /// How well it is.
    pub status: Status,
    /// Why it is not ready or not healthy, or what it does without.
    pub reasons: Vec<String>,
    /// Its breaker.
    pub breaker: BreakerState,
    /// How long the breaker has been open, if it is.
    pub breaker_open_seconds: Option<f64>,
    /// How often the breaker opened in the last 10 minutes.
    pub breaker_trips: u64,
    /// Its attempts, all cohorts together.
    pub figures: Figures,
    /// Its attempts, cohort by cohort; for control, the same callers' requests without it.
    pub cohorts: BTreeMap<Cohort, CohortReport>,
    /// Its cache.
    pub cache: CacheReport,
    /// How good its answers are.
    #[serde(default, skip_serializing_if = "QualityReport::is_empty")]
    pub quality: QualityReport,
}

/// One cohort of one tier.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CohortReport {
    /// Over the health window.
    pub figures: Figures,
    /// Since the server started.
    pub totals: Totals,
    /// Each caller once, by its first attempt in the generation in force: what may be compared between cohorts. A caller
    /// who comes back is no new evidence, and one that repeats what failed would be counted the more often for it.
    #[serde(default, skip_serializing_if = "Totals::is_empty")]
    pub callers: Totals,
}

/// Counts that only grow; a difference of two gives any window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Attempts.
    pub attempts: u64,
    /// Ended in an error.
    pub errors: u64,
    /// Ended in a panic.
    pub panics: u64,
    /// Were cut off.
    pub timeouts: u64,
    /// Distinct latencies seen, `[upper bound in microseconds, attempts]`, ascending, at 5 % precision or finer.
    pub latency_us: Vec<[u64; 2]>,
}

impl Totals {
    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.attempts == 0
    }
}

/// A tier's cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheReport {
    /// Answers found in it, since the start.
    pub hits: u64,
    /// Answers not found in it.
    pub misses: u64,
    /// Answers it holds.
    pub entries: u64,
    /// Answers it may hold.
    pub capacity: u64,
}

/// How good a tier's answers are, found out off every caller's path. Empty before anything was asked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QualityReport {
    /// Queries whose answers are known, asked of the tier again and again.
    pub golden: GoldenReport,
    /// Clients' requests, asked once more of the tier and of the mode below it.
    pub shadow: ShadowReport,
}

impl QualityReport {
    /// Whether nothing was asked yet.
    pub fn is_empty(&self) -> bool {
        self.golden.totals.is_empty() && self.shadow.pairs == 0
    }
}

/// What came of golden probes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GoldenReport {
    /// Since the start.
    #[serde(flatten)]
    pub totals: GoldenTotals,
    /// Share answered right of the last 200 of the last hour; none below 20.
    pub right_rate: Option<f64>,
    /// The last that were answered wrong, latest first, at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<GoldenMiss>,
}

/// Golden probes counted; a difference of two gives any window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoldenTotals {
    /// How many the tier answered. Errors, panics and time-outs are none: they say nothing of answers.
    pub answered: u64,
    /// How many of these were right.
    pub right: u64,
}

impl GoldenTotals {
    /// Whether none was answered.
    pub fn is_empty(&self) -> bool {
        self.answered == 0
    }

    /// How many were answered wrong.
    pub fn wrong(&self) -> u64 {
        self.answered.saturating_sub(self.right)
    }
}

/// A golden probe that was answered wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoldenMiss {
    /// When, unix milliseconds.
    pub time_ms: u64,
    /// Names the probe.
    pub id: String,
    /// What was asked.
    pub asked: String,
    /// What would have been right.
    pub expected: String,
    /// What came.
    pub got: String,
}

/// What came of asking clients' requests once more, both ways, since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct ShadowReport {
    /// Requests asked both ways: by the tier alone, and in the mode below it.
    pub pairs: u64,
    /// Both found the same facts.
    pub same: u64,
    /// Both found facts, and not the same.
    pub different: u64,
    /// Only the tier found any.
    pub gained: u64,
    /// Only the mode below found any.
    pub lost: u64,
    /// Share of `same` among those in which the mode below found facts, of the last 200 of the last hour; none below 20.
    pub agreement: Option<f64>,
}

/// Memory of the server and its workers, bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct MemoryReport {
    /// Proportional set size of the server and its workers.
    pub pss_bytes: u64,
    /// The smaller of the machine's memory and the cgroup's limit.
    pub limit_bytes: u64,
    /// What can still be had under that limit.
    pub available_bytes: u64,
    /// `pss_bytes / limit_bytes`.
    pub pressure: f64,
    /// Pressure stall information, `some avg60`, percent, where the kernel has it.
    pub psi_some_avg60: Option<f64>,
}

/// Processor use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct CpuReport {
    /// Cores that may be used.
    pub cores: f64,
    /// Busy share of them over five minutes.
    pub pressure: f64,
    /// Pressure stall information, `some avg60`, percent, where the kernel has it.
    pub psi_some_avg60: Option<f64>,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelReport {
    /// Its key in the catalogue.
    pub id: String,
    /// The tier that uses it.
    pub tier: Tier,
    /// Whether it is in memory.
    pub loaded: bool,
    /// How long loading took.
    pub load_ms: Option<f64>,
    /// What it takes of the machine's memory (PSS): its process, where it has one of its own; else by how much the server
    /// grew when it was loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
}

/// What clients said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackReport {
    /// Score 1.
    pub positive: u64,
    /// Score 0.
    pub neutral: u64,
    /// Score -1.
    pub negative: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_named_as_on_the_wire() {
        for state in TierState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }
}
