//! `POST /v1/find_facts`, its answer, and `POST /v1/feedback`.
//!
//! Requests are parsed by hand in the service, because each fault has to name its part; answers are these types.

use std::sync::Arc;

use find_facts_core::outcome::FallbackReason;
use find_facts_core::{Expansion, Fact, Link, Mode, Parts};
use serde::{Deserialize, Serialize};

/// An answer to `find_facts`. The order of the keys is frozen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindFactsResponse {
    /// What was found.
    pub data: FindFactsData,
    /// How many were found, and the first of them; for people.
    pub message: String,
    /// What to try when nothing was found.
    pub suggestions: Vec<String>,
}

/// The machine-readable part of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindFactsData {
    /// Facts, at most `limit`.
    pub facts: Vec<FactRow>,
    /// How many are in `facts`.
    pub count: usize,
    /// The limit in force.
    pub limit: usize,
    /// The parts given, as given.
    pub query: Parts,
    /// Present only where a tier changed the answer, or where a question could not be answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enhancement: Option<Enhancement>,
}

/// A fact of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactRow {
    /// The fact.
    #[serde(flatten)]
    pub fact: Fact,
    /// 1.0 for exact matches.
    pub confidence: f32,
}

/// What the tiers did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Enhancement {
    /// Asked for, or given by the flags.
    pub mode_asked: Mode,
    /// The mode that answered.
    pub mode_served: Mode,
    /// How mentions were understood.
    pub linked: Vec<Link>,
    /// How wordings of relations were understood; filled from Tier 2 on.
    pub expanded: Vec<Expansion>,
    /// Answers as texts, best first; filled from Tier 2 on.
    pub answers: Vec<Arc<str>>,
    /// One entry per answer; filled from Tier 3 on.
    pub details: Vec<serde_json::Value>,
    /// What is missing for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Arc<str>>,
    /// Why a lower mode served than the one asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,
    /// Whether the tier's cache had the answer.
    pub cache: CacheUse,
    /// The models that took part.
    pub models: Vec<Arc<str>>,
    /// From the parsed request to the answer, milliseconds.
    pub ms: f64,
}

/// Whether an answer came from a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheUse {
    /// It did.
    Hit,
    /// It was computed.
    Miss,
}

/// A step down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fallback {
    /// The mode that should have answered.
    pub from: Mode,
    /// The mode that did.
    pub to: Mode,
    /// Why.
    pub reason: FallbackReason,
}

/// What a client thought of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    /// The `X-Request-Id` of the answer.
    pub request_id: String,
    /// -1, 0 or 1.
    pub score: i8,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}
