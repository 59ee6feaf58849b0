//! The rules, each from a report to at most one action. While a condition holds its action comes again with every check:
//! whoever carries it out leaves alone what is off already.

use std::time::Duration;

use find_facts_core::health::{Figures, HealthReport, Status, TierReport};
use find_facts_core::rollback::Severity;
use find_facts_core::{RollbackAction, RollbackPolicy, Tier};

use crate::thresholds::Thresholds;

/// The rules with their limits, and what they remember from one check to the next.
#[derive(Debug, Clone)]
pub struct Rules {
    thresholds: Thresholds,
    memory_was_high: bool,
}

impl Rules {
    /// Rules that have checked nothing yet.
    pub fn new(thresholds: Thresholds) -> Self {
        Self { thresholds, memory_was_high: false }
    }
}

impl RollbackPolicy for Rules {
    fn assess(&mut self, report: &HealthReport) -> Vec<RollbackAction> {
        let limits = &self.thresholds;
        let mut actions = Vec::new();
        actions.extend(error_rate(limits, &report.overall, None, &Tier::ALL));
        actions.extend(latency(limits, &report.overall, None, Tier::Tier2.and_above()));
        for (&tier, of_tier) in &report.tiers {
            actions.extend(error_rate(limits, &of_tier.figures, Some(tier), tier.and_above()));
            actions.extend(breaker_open(limits, of_tier, tier));
            actions.extend(breaker_trips(limits, of_tier, tier));
            actions.extend(latency(limits, &of_tier.figures, Some(tier), tier.and_above()));
        }
        actions.extend(report.tiers.get(&Tier::Tier3).and_then(tier3_critical));
        let is_high = report.memory.pss_bytes > limits.memory_bytes;
        if is_high {
            actions.push(memory(limits, report.memory.pss_bytes, self.memory_was_high));
        }
        self.memory_was_high = is_high;
        actions
    }
}

fn error_rate(
    limits: &Thresholds,
    figures: &Figures,
    tier: Option<Tier>,
    disable: &[Tier],
) -> Option<RollbackAction> {
    let (rate, limit) = (figures.error_rate?, limits.error_rate);
    (rate > limit).then(|| RollbackAction {
        rule: "error_rate".to_owned(),
        tier,
        disable: disable.to_vec(),
        severity: Severity::Critical,
        figure: rate,
        limit,
        reason: format!(
            "{}: error rate {} ({} of {} attempts) is above {}",
            name(tier),
            percent(rate),
            figures.errors,
            figures.attempts,
            percent(limit)
        ),
    })
}

fn latency(
    limits: &Thresholds,
    figures: &Figures,
    tier: Option<Tier>,
    disable: &[Tier],
) -> Option<RollbackAction> {
    let (p95, limit) = (figures.p95_ms?, millis(limits.p95));
    (p95 >= limit).then(|| RollbackAction {
        rule: "latency_p95".to_owned(),
        tier,
        disable: disable.to_vec(),
        severity: Severity::Warning,
        figure: p95,
        limit,
        reason: format!(
            "{}: p95 {p95:.1} ms (of {} attempts) has reached {limit} ms",
            name(tier),
            figures.attempts
        ),
    })
}

fn breaker_open(limits: &Thresholds, report: &TierReport, tier: Tier) -> Option<RollbackAction> {
    let (open, limit) = (report.breaker_open_seconds?, limits.breaker_open.as_secs_f64());
    let reason = || format!("{tier}: breaker open for {open:.1} s, which has reached {limit} s");
    (open >= limit).then(|| of_breaker("breaker_open", tier, open, limit, reason()))
}

fn breaker_trips(limits: &Thresholds, report: &TierReport, tier: Tier) -> Option<RollbackAction> {
    let (trips, limit) = (report.breaker_trips, limits.breaker_trips);
    let reason =
        || format!("{tier}: breaker opened {trips} times in 10 minutes, which has reached {limit} times");
    (trips >= limit).then(|| of_breaker("breaker_trips", tier, trips as f64, limit as f64, reason()))
}

fn of_breaker(rule: &str, tier: Tier, figure: f64, limit: f64, reason: String) -> RollbackAction {
    RollbackAction {
        rule: rule.to_owned(),
        tier: Some(tier),
        disable: tier.and_above().to_vec(),
        severity: Severity::Critical,
        figure,
        limit,
        reason,
    }
}

/// Figure and limit are the status as its metric counts it: 0 healthy, 1 degraded, 2 critical.
fn tier3_critical(report: &TierReport) -> Option<RollbackAction> {
    (report.status == Status::Critical).then(|| RollbackAction {
        rule: "tier3_critical".to_owned(),
        tier: Some(Tier::Tier3),
        disable: vec![Tier::Tier3],
        severity: Severity::Warning,
        figure: 2.0,
        limit: 2.0,
        reason: format!("tier3: critical: {}", report.reasons.join("; ")),
    })
}

fn memory(limits: &Thresholds, used: u64, was_high: bool) -> RollbackAction {
    let (disable, when) = if was_high { (Tier::Tier2, ", still") } else { (Tier::Tier3, "") };
    RollbackAction {
        rule: "memory".to_owned(),
        tier: None,
        disable: disable.and_above().to_vec(),
        severity: Severity::Warning,
        figure: used as f64,
        limit: limits.memory_bytes as f64,
        reason: format!(
            "overall: memory {} GB is above {} GB{when}",
            gigabytes(used),
            gigabytes(limits.memory_bytes)
        ),
    }
}

fn name(tier: Option<Tier>) -> &'static str {
    tier.map_or("overall", Tier::name)
}

/// A share as people read it: at most two decimals.
fn percent(share: f64) -> String {
    format!("{} %", (share * 10_000.0).round() / 100.0)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// At most three decimals of 10⁹ bytes.
fn gigabytes(bytes: u64) -> f64 {
    (bytes as f64 / 1e6).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use find_facts_testkit::healthy_report;
    use serde_json::{Value, json};

    use super::*;

    /// A healthy report with some members of its JSON form changed, by their pointers.
    fn report(changes: &[(&str, Value)]) -> HealthReport {
        let mut document = serde_json::to_value(healthy_report()).unwrap();
        for (pointer, value) in changes {
            *document.pointer_mut(pointer).unwrap() = value.clone();
        }
        serde_json::from_value(document).unwrap()
    }

    /// One line for each action: what goes off, how loudly, and why.
    fn check_next(rules: &mut Rules, changes: &[(&str, Value)], expected: &[&str]) {
        let actions = rules.assess(&report(changes));
        let lines: Vec<String> = actions.iter().map(line).collect();
        assert_eq!(lines, expected, "{changes:?}");
        for action in actions {
            assert!(action.figure >= action.limit, "{action:?}");
        }
    }

    fn check(changes: &[(&str, Value)], expected: &[&str]) {
        check_next(&mut Rules::new(Thresholds::default()), changes, expected);
    }

    fn line(action: &RollbackAction) -> String {
        let off: Vec<&str> = action.disable.iter().map(|tier| tier.name()).collect();
        format!("{} {:?} {}: {}", off.join("+"), action.severity, action.rule, action.reason)
    }

    #[test]
    fn a_healthy_server_is_left_alone() {
        check(&[], &[]);
    }

    #[test]
    fn too_many_errors_take_every_tier_or_one_and_those_above() {
        check(
            &[("/overall/error_rate", json!(0.105)), ("/overall/errors", json!(42))],
            &[
                "tier1+tier2+tier3 Critical error_rate: overall: error rate 10.5 % (42 of 400 attempts) is above 10 %",
            ],
        );
        check(
            &[("/tiers/tier2/figures/error_rate", json!(0.5)), ("/tiers/tier2/figures/errors", json!(200))],
            &["tier2+tier3 Critical error_rate: tier2: error rate 50 % (200 of 400 attempts) is above 10 %"],
        );
    }

    #[test]
    fn a_rate_at_its_limit_is_not_above_it() {
        check(&[("/overall/error_rate", json!(0.1)), ("/tiers/tier1/figures/error_rate", json!(0.1))], &[]);
    }

    #[test]
    fn no_opinion_does_nothing() {
        check(
            &[
                ("/overall/error_rate", json!(null)),
                ("/overall/errors", json!(19)),
                ("/tiers/tier1/figures/error_rate", json!(null)),
                ("/tiers/tier1/figures/p95_ms", json!(null)),
                ("/memory/psi_some_avg60", json!(null)),
            ],
            &[],
        );
    }

    #[test]
    fn a_breaker_takes_its_tier_and_those_above_when_it_stays_open() {
        check(&[("/tiers/tier1/breaker_open_seconds", json!(29.9))], &[]);
        check(
            &[("/tiers/tier1/breaker_open_seconds", json!(30.0))],
            &[
                "tier1+tier2+tier3 Critical breaker_open: tier1: breaker open for 30.0 s, which has reached 30 s",
            ],
        );
    }

    #[test]
    fn a_breaker_that_opens_again_and_again_takes_them_too() {
        check(&[("/tiers/tier2/breaker_trips", json!(2))], &[]);
        check(
            &[("/tiers/tier2/breaker_trips", json!(3))],
            &[
                "tier2+tier3 Critical breaker_trips: tier2: breaker opened 3 times in 10 minutes, which has reached 3 times",
            ],
        );
    }

    #[test]
    fn a_second_at_p95_takes_tiers_2_and_3_or_one_and_those_above() {
        check(&[("/overall/p95_ms", json!(999.9))], &[]);
        check(
            &[("/overall/p95_ms", json!(1000.0))],
            &[
                "tier2+tier3 Warning latency_p95: overall: p95 1000.0 ms (of 400 attempts) has reached 1000 ms",
            ],
        );
        check(
            &[("/tiers/tier1/figures/p95_ms", json!(1200.0))],
            &[
                "tier1+tier2+tier3 Warning latency_p95: tier1: p95 1200.0 ms (of 400 attempts) has reached 1000 ms",
            ],
        );
    }

    #[test]
    fn memory_takes_tier_3_and_at_the_next_check_tier_2() {
        let mut rules = Rules::new(Thresholds::default());
        let high = [("/memory/pss_bytes", json!(8_123_000_000u64))];
        let first = "tier3 Warning memory: overall: memory 8.123 GB is above 8 GB";
        check_next(&mut rules, &[("/memory/pss_bytes", json!(8_000_000_000u64))], &[]);
        check_next(&mut rules, &high, &[first]);
        check_next(
            &mut rules,
            &high,
            &["tier2+tier3 Warning memory: overall: memory 8.123 GB is above 8 GB, still"],
        );
        check_next(&mut rules, &[], &[]);
        check_next(&mut rules, &high, &[first]);
    }

    #[test]
    fn a_critical_tier_3_goes_alone_and_other_tiers_have_rules_of_their_own() {
        check(
            &[
                ("/tiers/tier3/status", json!("critical")),
                ("/tiers/tier3/reasons", json!(["breaker open for 5 s, 0 of 20 good probes in a row"])),
            ],
            &[
                "tier3 Warning tier3_critical: tier3: critical: breaker open for 5 s, 0 of 20 good probes in a row",
            ],
        );
        check(&[("/tiers/tier1/status", json!("critical")), ("/status", json!("critical"))], &[]);
    }

    #[test]
    fn thresholds_are_those_it_was_given() {
        let strict = Thresholds {
            error_rate: 0.001,
            breaker_open: Duration::from_secs(1),
            breaker_trips: 1,
            p95: Duration::from_millis(5),
            memory_bytes: 1,
        };
        let mut rules = Rules::new(strict);
        let changes =
            [("/tiers/tier1/breaker_open_seconds", json!(1.0)), ("/tiers/tier1/breaker_trips", json!(1))];
        let actions = rules.assess(&report(&changes));
        let of_tier1: Vec<&str> = actions
            .iter()
            .filter(|action| action.tier == Some(Tier::Tier1))
            .map(|action| action.rule.as_str())
            .collect();
        assert_eq!(of_tier1, ["error_rate", "breaker_open", "breaker_trips", "latency_p95"]);
        assert!(actions.iter().any(|action| action.rule == "memory"));
    }

    #[test]
    fn every_condition_that_holds_is_told() {
        check(
            &[
                ("/overall/error_rate", json!(0.2)),
                ("/overall/errors", json!(80)),
                ("/tiers/tier1/figures/error_rate", json!(0.2)),
                ("/tiers/tier1/figures/errors", json!(80)),
                ("/memory/pss_bytes", json!(9_000_000_000u64)),
            ],
            &[
                "tier1+tier2+tier3 Critical error_rate: overall: error rate 20 % (80 of 400 attempts) is above 10 %",
                "tier1+tier2+tier3 Critical error_rate: tier1: error rate 20 % (80 of 400 attempts) is above 10 %",
                "tier3 Warning memory: overall: memory 9 GB is above 8 GB",
            ],
        );
    }
}
