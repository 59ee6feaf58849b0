//! Tiers: how they are initialised, and how they ran.

use find_facts_core::health::TierState;
use find_facts_core::outcome::AttemptResult;
use find_facts_core::{Generation, Tier};
use serde::{Deserialize, Serialize};

/// `POST /admin/v1/tiers/{tier}`: how to initialise a tier. What is absent takes the tier's default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierParams {
    /// Key in the model catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Nothing is answered below this confidence, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_confidence: Option<f32>,
    /// How many answers the cache holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_size: Option<usize>,
    /// How many candidates are considered for a mention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidates: Option<usize>,
    /// The least cosine at which two vectors count as similar, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f32>,
}

/// The outcome of a write to a tier: its initialisation goes on in the background.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TierWritten {
    /// The generation that holds the parameters.
    pub generation: Generation,
    /// Where the tier stands.
    pub state: TierState,
}

/// A tier that ran on a query of the operator's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierAttempt {
    /// Which.
    pub tier: Tier,
    /// How that ended.
    pub result: AttemptResult,
}
