//! Runs a suite against the server, as its operator. What passes is decided elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use find_facts_analysis::{improvement, quantile_with_interval};
use find_facts_core::Mode;

use super::Driver;
use super::call::Halt;
use crate::ports::Answer;
use crate::suite::{KindResult, Miss, NOTHING, Row, SuiteKind, SuiteResult};

/// So many wrong rows are kept as examples.
const MISSES_KEPT: usize = 5;

/// What a suite's rows add up to.
#[derive(Default)]
struct Tally {
    kinds: BTreeMap<String, KindResult>,
    right: usize,
    misses: Vec<Miss>,
    latencies_ms: Vec<f64>,
    compared: Vec<(bool, bool)>,
}

impl Tally {
    fn add(&mut self, row: &Row, answer: Option<&Answer>) -> bool {
        let right = answer.is_some_and(|answer| row.is_met_by(answer.first()));
        let kind = if row.expects_nothing() { NOTHING } else { &row.kind };
        let counts = self.kinds.entry(kind.to_owned()).or_default();
        counts.rows += 1;
        counts.right += usize::from(right);
        self.right += usize::from(right);
        if !right && self.misses.len() < MISSES_KEPT {
            self.misses.push(miss(row, answer));
        }
        right
    }
}

fn miss(row: &Row, answer: Option<&Answer>) -> Miss {
    let first = |facts: &[find_facts_core::Fact]| {
        facts.first().map(|fact| format!("{} · {} · {}", fact.subject, fact.predicate, fact.object))
    };
    let expected = row.entity.as_ref().or(row.predicate.as_ref()).map(ToString::to_string);
    let expected = expected.or_else(|| first(&row.expect));
    let got = answer.map(|answer| {
        let linked = answer.linked.first().filter(|_| row.entity.is_some()).map(|link| &link.entity);
        let expanded =
            answer.expanded.first().filter(|_| row.predicate.is_some()).map(|found| &found.predicate);
        let alone = linked.or(expanded).map(ToString::to_string);
        alone.or_else(|| first(&answer.facts)).unwrap_or_else(|| NOTHING.to_owned())
    });
    let parts = [&row.query.subject, &row.query.predicate, &row.query.object];
    let given: Vec<&str> = parts.into_iter().chain([&row.text]).flatten().map(|given| &**given).collect();
    let given = given.join(" · ");
    Miss {
        id: format!("{} ({}: {given})", row.id, row.kind),
        expected: expected.unwrap_or_else(|| NOTHING.to_owned()),
        got: got.unwrap_or_else(|| "an error".to_owned()),
    }
}

impl Driver<'_> {
    pub(super) fn run_suite(&mut self, suite: SuiteKind) -> Result<SuiteResult, Halt> {
        let (rows, from) = self.rows(suite)?;
        let mut tally = Tally::default();
        let mut begin_at = self.world.timer.now();
        for (done, row) in rows.iter().enumerate() {
            self.working(format!("{suite} suite"), done as u64, rows.len() as u64);
            self.breathe()?;
            let mut late = Duration::ZERO;
            if let Some(pause) = self.pause_between(suite) {
                late = self.keep_pace(begin_at);
                begin_at += pause;
            }
            let answer = self.ask(row)?;
            if let Some(answer) = &answer {
                let took = answer.at_server.unwrap_or(answer.elapsed) + late;
                tally.latencies_ms.push(took.as_secs_f64() * 1e3);
            }
            let right = tally.add(row, answer.as_ref());
            if suite == SuiteKind::Acceptance {
                let exact = self.ask_in(row, Some(Mode::Exact))?;
                tally.compared.push((exact.is_some_and(|answer| row.is_met_by(answer.first())), right));
            }
        }
        Ok(SuiteResult {
            suite,
            from,
            rows: rows.len(),
            right: tally.right,
            kinds: tally.kinds,
            p95_ms: quantile_with_interval(tally.latencies_ms, 0.95),
            improvement: improvement(tally.compared),
            misses: tally.misses,
            golden_right: self.golden_right(suite),
        })
    }

    /// What golden probes say before anybody is exposed. A server that does not answer now has none.
    fn golden_right(&self, suite: SuiteKind) -> Option<f64> {
        let tier = self.run.schedule.tier().filter(|_| suite == SuiteKind::Acceptance)?;
        self.world.server.report().ok()?.tiers.get(&tier)?.quality.golden.right_rate
    }

    fn pause_between(&self, suite: SuiteKind) -> Option<Duration> {
        let plan = self.run.schedule.tier_plan().filter(|_| suite == SuiteKind::Performance)?;
        Duration::try_from_secs_f64(1.0 / plan.suites.performance.rate).ok()
    }

    /// Waits for a request's time. One that begins late because others took long has waited, and that counts.
    fn keep_pace(&self, begin_at: std::time::Instant) -> Duration {
        let now = self.world.timer.now();
        self.world.timer.sleep(begin_at.saturating_duration_since(now));
        now.saturating_duration_since(begin_at)
    }
}
