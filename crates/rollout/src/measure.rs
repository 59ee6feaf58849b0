//! What a run measures itself, as it stands in the journal and the report.

use find_facts_analysis::{Improvement, Interference, QuantileEstimate};
use serde::{Deserialize, Serialize};

use crate::act::LegacyAnswers;

/// Exact answers with Phase 1's parts in place: are they the same, and as fast?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Impact {
    /// What legacy answers now, to the queries of [`LegacyAnswers`] before.
    pub legacy: LegacyAnswers,
    /// How many answers differ between a caller's request and one by the name of `exact`.
    pub differing: usize,
    /// Latencies of both, in alternating blocks.
    pub interference: Interference,
}

/// Latency added to one and the same request: enhanced minus exact, within the same second. Milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AddedLatency {
    /// Median of the differences.
    pub p50_ms: QuantileEstimate,
    /// 95th percentile of the differences.
    pub p95_ms: QuantileEstimate,
}

/// Success on variations of entity names.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// What the tier adds.
    pub improvement: Improvement,
}
