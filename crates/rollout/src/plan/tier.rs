//! The plan of a phase that takes one tier into production: suites, exposure step by step, limits, criteria.
//! The percentages of its exposure only grow.

use std::time::Duration;

use find_facts_api::admin::TierParams;
use find_facts_core::{Percent, Tier};
use serde::{Deserialize, Serialize};

use super::{LeasePlan, SuitesPlan, friendly};

/// A plan of Phase 2 or 3.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierPlan {
    /// A short name.
    pub name: String,
    /// What the plan does, in a few words.
    pub title: String,
    /// The number of the phase.
    pub phase: u8,
    /// Whose percentage moves.
    pub tier: Tier,
    /// Figures are looked at this often.
    #[serde(with = "friendly")]
    pub check_every: Duration,
    /// Without countable figures for this long, the run rolls back.
    #[serde(with = "friendly")]
    pub cannot_see: Duration,
    /// What the server has to have before anything is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityPlan>,
    /// How the tier is initialised.
    pub initialise: InitialisePlan,
    /// What it has to pass before it meets a caller.
    pub suites: SuitesPlan,
    /// What is harm.
    pub limits: LimitsPlan,
    /// Who meets it, and for how long, before more do.
    pub exposure: Vec<ExposurePlan>,
    /// What the phase has to have shown at its end.
    pub criteria: CriteriaPlan,
    /// The right to change the server.
    pub lease: LeasePlan,
}

/// What the server has to have, beside what the tier is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityPlan {
    /// At least this much memory available, in units of 10⁶ bytes.
    pub available_memory_mb: u64,
}

/// Parameters of the tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitialisePlan {
    /// Key of its model in the server's catalogue.
    pub model: String,
    /// Whether the model is loaded first, by itself, so that its memory is known before the tier is initialised.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub load: bool,
    /// Nothing is answered below this confidence, 0 to 1.
    pub min_confidence: f32,
    /// How many answers its cache holds.
    pub cache_size: usize,
    /// How many candidates are considered for a mention.
    pub candidates: usize,
    /// The least cosine at which two vectors count as similar, 0 to 1.
    pub similarity: f32,
    /// It has to be ready after this long. A limit on work, so never scaled.
    #[serde(with = "friendly")]
    pub ready_within: Duration,
}

impl InitialisePlan {
    /// The parameters as the server takes them.
    pub fn params(&self) -> TierParams {
        TierParams {
            model: Some(self.model.clone()),
            min_confidence: Some(self.min_confidence),
            cache_size: Some(self.cache_size),
            candidates: Some(self.candidates),
            similarity: Some(self.similarity),
        }
    }
}

/// Hard limits: figures shown to be above them are harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsPlan {
    /// Share of attempts that end in an error, panic or time-out.
    pub error_rate: Percent,
    /// 95th percentile of the tier's latency.
    #[serde(with = "friendly")]
    pub p95: Duration,
    /// By how many percentage points more of the canary's callers than of the control's may fail, or wait longer than
    /// `p95`.
    #[serde(default = "over_control")]
    pub over_control: Percent,
    /// The least share of golden probes that the tier has to answer right.
    #[serde(default = "golden_right")]
    pub golden_right: Percent,
    /// Memory of the server and its workers at a look, in units of 10⁶ bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mb: Option<u64>,
}

impl LimitsPlan {
    /// Golden probes answered right less often than asked for; nothing where the server has no rate.
    pub(crate) fn golden_shortfall(&self, right_rate: Option<f64>) -> Option<String> {
        let (right, limit) = (100.0 * right_rate?, self.golden_right);
        let is_below = right < f64::from(limit);
        is_below.then(|| format!("{right:.1} % of golden probes are answered right; the limit is {limit} %"))
    }
}

/// For plans of before there was a comparison: half of the 5 % that the shipped limits allow to fail, and that a 95th
/// percentile allows to be slower. What a tier adds by itself uses half of the room; the rest is the machine's.
fn over_control() -> Percent {
    Percent::from_thousandths(2_500).unwrap_or_default()
}

/// For plans of before there were golden probes: what a suite of whole requests has to reach before anybody is exposed.
fn golden_right() -> Percent {
    Percent::from_thousandths(90_000).unwrap_or_default()
}

/// One step of the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExposurePlan {
    /// The share of callers that get the tier.
    pub percentage: Percent,
    /// Time to settle before the watch begins; nothing is watched in it.
    #[serde(default, with = "friendly::optional", skip_serializing_if = "Option::is_none")]
    pub settle: Option<Duration>,
    /// Observed time before more do.
    #[serde(with = "friendly")]
    pub watch: Duration,
    /// How much longer it may take until the step is healthy; then the run rolls back.
    #[serde(with = "friendly")]
    pub extend: Duration,
    /// Fewer attempts of the canary than this are no opinion.
    pub min_samples: u64,
}

/// What the phase has to have shown at its end. A criterion that was missed holds the run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CriteriaPlan {
    /// 95th percentile of the latency added to one and the same request.
    #[serde(with = "friendly")]
    pub p95_added_below: Duration,
    /// Over at least this many pairs.
    pub pairs: usize,
    /// Share of errors over all observed attempts of the run.
    pub error_rate_below: Percent,
    /// Improvement on the variations of the acceptance suite, in percentage points.
    pub improvement_above: f64,
    /// The share of callers reached.
    pub reach: Percent,
    /// How much memory may grow in a day of the plan's time, over all watches, in units of 10⁶ bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_growth_below_mb: Option<f64>,
}
