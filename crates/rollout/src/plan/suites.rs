//! The suites a tier has to pass before it meets a caller. Shares are percentages, improvements are percentage points.

use std::collections::BTreeMap;
use std::time::Duration;

use find_facts_core::Percent;
use serde::{Deserialize, Serialize};

use super::friendly;

/// The four suites, and what suites without a file are made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuitesPlan {
    /// Decides what a suite made from the knowledge base asks.
    pub seed: u64,
    /// How many rows such a suite has, if the knowledge base has enough.
    pub rows: usize,
    /// A mention to its entity, from the tier alone.
    pub unit: ShareSuite,
    /// Whole requests, fallbacks included.
    pub integration: ShareSuite,
    /// Latency at a rate.
    pub performance: PerformanceSuite,
    /// What the tier adds to exact matching.
    pub acceptance: AcceptanceSuite,
}

/// A suite that passes above a share of right answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareSuite {
    /// Rows as JSON Lines, relative to the plan; made from the knowledge base where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// More than this share has to be right.
    pub right_above: Percent,
}

/// A suite that passes below a latency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerformanceSuite {
    /// Rows as JSON Lines, relative to the plan; made from the knowledge base where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The 95th percentile has to be below this.
    #[serde(with = "friendly")]
    pub p95_below: Duration,
    /// Requests a second, begun on time whether or not the one before has been answered in time.
    pub rate: f64,
}

/// A suite that passes above an improvement over exact matching.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptanceSuite {
    /// Rows as JSON Lines, relative to the plan; made from the knowledge base where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// success(enhanced) − success(exact) has to be above this, in percentage points.
    pub improvement_above: f64,
    /// At least this share of the rows that expect nothing has to find nothing.
    pub nothing_expected: Percent,
    /// The least share of right answers of a kind of rows.
    pub floors: BTreeMap<String, Percent>,
}
