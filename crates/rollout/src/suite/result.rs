//! What a suite showed, and whether that passes. The judgement is a pure function of result and plan.

use std::collections::BTreeMap;

use find_facts_analysis::{Improvement, QuantileEstimate};
use find_facts_core::Percent;
use serde::{Deserialize, Serialize};

use super::SuiteKind;
use crate::plan::{AcceptanceSuite, SuitesPlan, duration_text};

/// What a suite showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SuiteResult {
    /// Which suite.
    pub suite: SuiteKind,
    /// Where its rows came from.
    pub from: SuiteSource,
    /// How many rows were asked.
    pub rows: usize,
    /// How many were answered right.
    pub right: usize,
    /// Kind by kind; rows that expect nothing are `nothing`, whatever their own kind.
    pub kinds: BTreeMap<String, KindResult>,
    /// 95th percentile of the latency, milliseconds.
    pub p95_ms: Option<QuantileEstimate>,
    /// What the tier adds to exact matching; of the acceptance suite.
    pub improvement: Option<Improvement>,
    /// The first rows that were answered wrong.
    pub misses: Vec<Miss>,
}

/// Where rows came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuiteSource {
    /// A file of the plan.
    File(String),
    /// The knowledge base, with this seed.
    KnowledgeBase {
        /// The seed.
        seed: u64,
    },
}

/// Rows of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindResult {
    /// How many there are.
    pub rows: usize,
    /// How many were answered right.
    pub right: usize,
}

/// A row that was answered wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Miss {
    /// The row.
    pub id: String,
    /// What it has to find.
    pub expected: String,
    /// What came.
    pub got: String,
}

/// The name under which rows that expect nothing are counted.
pub(crate) const NOTHING: &str = "nothing";

impl SuiteResult {
    /// Why the suite does not pass; empty when it does.
    pub fn shortfalls(&self, plan: &SuitesPlan) -> Vec<String> {
        if self.rows == 0 {
            return vec![format!("the {} suite has no rows: the knowledge base gives none", self.suite)];
        }
        match self.suite {
            SuiteKind::Unit => self.share_shortfall(plan.unit.right_above),
            SuiteKind::Integration => self.share_shortfall(plan.integration.right_above),
            SuiteKind::Performance => {
                let limit_ms = plan.performance.p95_below.as_secs_f64() * 1e3;
                let p95 = self.p95_ms.map_or(f64::INFINITY, |p95| p95.value);
                let text = || {
                    format!(
                        "p95 is {p95:.1} ms; required: below {}",
                        duration_text(plan.performance.p95_below)
                    )
                };
                if p95 < limit_ms { Vec::new() } else { vec![text()] }
            }
            SuiteKind::Acceptance => self.acceptance_shortfalls(&plan.acceptance),
        }
    }

    fn share_shortfall(&self, required: Percent) -> Vec<String> {
        let share = percent(self.right, self.rows);
        if share > f64::from(required) {
            return Vec::new();
        }
        vec![format!("{share:.1} % of {} rows are right; required: more than {required} %", self.rows)]
    }

    fn acceptance_shortfalls(&self, plan: &AcceptanceSuite) -> Vec<String> {
        let mut shortfalls = Vec::new();
        let points = self.improvement.map_or(0.0, |improvement| improvement.points);
        if points <= plan.improvement_above {
            shortfalls.push(format!(
                "{points:+.1} points over exact matching; required: more than {:+}",
                plan.improvement_above
            ));
        }
        let floors = plan.floors.iter().map(|(kind, floor)| (kind.as_str(), *floor));
        for (kind, floor) in floors.chain([(NOTHING, plan.nothing_expected)]) {
            let Some(result) = self.kinds.get(kind) else { continue };
            let share = percent(result.right, result.rows);
            if share < f64::from(floor) {
                let rows = result.rows;
                shortfalls
                    .push(format!("`{kind}`: {share:.1} % of {rows} rows are right; the floor is {floor} %"));
            }
        }
        shortfalls
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole as f64
}
