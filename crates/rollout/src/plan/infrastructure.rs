//! Phase 1's plan: models, the environment they need, and the proof that callers notice nothing.
//! Nothing here exposes a caller to anything.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{LeasePlan, friendly};

/// A plan of Phase 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfrastructurePlan {
    /// A short name.
    pub name: String,
    /// What the plan does, in a few words.
    pub title: String,
    /// 1.
    pub phase: u8,
    /// What the server has to have before anything is changed.
    pub environment: EnvironmentPlan,
    /// The models to bring into the server's cache.
    pub models: ModelsPlan,
    /// How "nobody notices" is proven.
    pub impact: ImpactPlan,
    /// The right to change the server.
    pub lease: LeasePlan,
}

/// What the server has to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentPlan {
    /// At least this many facts in its knowledge base.
    pub facts: u64,
    /// At least this much memory available, in units of 10⁶ bytes.
    pub available_memory_mb: u64,
}

/// Models to pull, verify and cache; none of them is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelsPlan {
    /// Their keys in the server's catalogue.
    pub pull: Vec<String>,
    /// Each of them has to be there after this long. A limit on work, so never scaled.
    #[serde(with = "friendly")]
    pub within: Duration,
}

/// Alternating blocks of exact requests, as callers send them and by the name of `exact`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImpactPlan {
    /// Decides which queries are asked.
    pub seed: u64,
    /// This many blocks of each kind.
    pub blocks: usize,
    /// This many requests in every block.
    pub requests: usize,
    /// The largest ratio of medians at p50.
    pub p50_ratio: f64,
    /// The largest ratio of medians at p95.
    pub p95_ratio: f64,
    /// A smaller difference at p50 passes, whatever the ratio.
    #[serde(with = "friendly")]
    pub p50_tolerance: Duration,
    /// A smaller difference at p95 passes, whatever the ratio.
    #[serde(with = "friendly")]
    pub p95_tolerance: Duration,
}
