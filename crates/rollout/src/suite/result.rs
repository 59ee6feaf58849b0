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
    /// The server's rate of golden probes answered right by then; of the acceptance suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub golden_right: Option<f64>,
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::plan::{PerformanceSuite, ShareSuite};

    fn plan() -> SuitesPlan {
        let share = |percent| Percent::try_from(percent).unwrap();
        SuitesPlan {
            seed: 1,
            rows: 100,
            unit: ShareSuite { file: None, right_above: share(95.0) },
            integration: ShareSuite { file: None, right_above: share(90.0) },
            performance: PerformanceSuite { file: None, p95_below: Duration::from_millis(20), rate: 10.0 },
            acceptance: AcceptanceSuite {
                file: None,
                improvement_above: 20.0,
                nothing_expected: share(90.0),
                floors: BTreeMap::from([("held_back".to_owned(), share(30.0))]),
            },
        }
    }

    /// A result of 100 rows; `kinds` are kind, rows, right.
    fn check(suite: SuiteKind, right: usize, points: f64, kinds: &[(&str, usize, usize)], expected: &[&str]) {
        let improvement = Improvement { points, low: 0.0, high: 0.0, exact: 0.0, enhanced: points, n: 100 };
        let p95_ms = QuantileEstimate { value: points, low: points, high: points, n: 100 };
        let result = SuiteResult {
            suite,
            from: SuiteSource::KnowledgeBase { seed: 1 },
            rows: 100,
            right,
            kinds: kinds
                .iter()
                .map(|&(kind, rows, right)| (kind.to_owned(), KindResult { rows, right }))
                .collect(),
            p95_ms: Some(p95_ms),
            improvement: Some(improvement),
            misses: Vec::new(),
            golden_right: None,
        };
        assert_eq!(result.shortfalls(&plan()), expected);
    }

    #[test]
    fn a_share_has_to_be_above_its_threshold_not_at_it() {
        check(SuiteKind::Unit, 96, 0.0, &[], &[]);
        check(SuiteKind::Unit, 95, 0.0, &[], &["95.0 % of 100 rows are right; required: more than 95 %"]);
        check(SuiteKind::Integration, 91, 0.0, &[], &[]);
    }

    #[test]
    fn latency_has_to_be_below_its_limit_not_at_it() {
        check(SuiteKind::Performance, 100, 19.9, &[], &[]);
        check(SuiteKind::Performance, 100, 20.0, &[], &["p95 is 20.0 ms; required: below 20ms"]);
    }

    #[test]
    fn a_large_improvement_does_not_make_up_for_a_kind_below_its_floor() {
        let kinds = [("held_back", 50, 14), (NOTHING, 50, 44)];
        let expected = [
            "`held_back`: 28.0 % of 50 rows are right; the floor is 30 %",
            "`nothing`: 88.0 % of 50 rows are right; the floor is 90 %",
        ];
        check(SuiteKind::Acceptance, 58, 58.0, &kinds, &expected);
        check(SuiteKind::Acceptance, 58, 58.0, &[("held_back", 50, 15), (NOTHING, 50, 45)], &[]);
        let short = "+20.0 points over exact matching; required: more than +20";
        check(SuiteKind::Acceptance, 58, 20.0, &[], &[short]);
    }

    #[test]
    fn a_suite_without_rows_never_passes() {
        for suite in SuiteKind::ALL {
            let empty = SuiteResult {
                suite,
                from: SuiteSource::KnowledgeBase { seed: 1 },
                rows: 0,
                right: 0,
                kinds: BTreeMap::new(),
                p95_ms: None,
                improvement: None,
                misses: Vec::new(),
                golden_right: None,
            };
            assert_eq!(empty.shortfalls(&plan()).len(), 1, "{suite}");
        }
    }
}
