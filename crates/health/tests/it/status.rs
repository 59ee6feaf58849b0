//! What the server as a whole and each tier are said to be, and what follows for the ceiling.

use std::time::Duration;

use find_facts_core::AttemptResult::{Error, Ok, Timeout};
use find_facts_core::health::Status;
use find_facts_core::{Cohort, Mode, OutcomeSink, Tier};
use find_facts_health::Cause;

use crate::world::{MS, World, exact};

/// After an assessment: overall status, each tier's, and the ceiling.
fn check(world: &World, overall: Status, tiers: [Status; 3], ceiling: Mode) {
    world.assess();
    let report = world.report();
    let found = Tier::ALL.map(|tier| report.tiers[&tier].status);
    assert_eq!((report.status, found, report.ceiling), (overall, tiers, ceiling), "{report:#?}");
    assert_eq!(report.reasons.is_empty(), overall == Status::Healthy);
    for tier in report.tiers.values() {
        assert_eq!(tier.reasons.is_empty(), tier.status == Status::Healthy);
    }
}

const HEALTHY: Status = Status::Healthy;
const DEGRADED: Status = Status::Degraded;
const CRITICAL: Status = Status::Critical;

#[test]
fn nothing_known_is_healthy() {
    check(&World::new(), HEALTHY, [HEALTHY; 3], Mode::ResearchGrade);
}

#[test]
fn a_critical_tier_takes_those_above_and_a_critical_server_leaves_exact() {
    let world = World::new();
    world.requests(176, Tier::Tier3, Ok, MS).requests(24, Tier::Tier2, Error, MS);
    assert_eq!(world.report().tiers[&Tier::Tier2].status, CRITICAL);
    check(&world, CRITICAL, [CRITICAL, CRITICAL, HEALTHY], Mode::Exact);
}

#[test]
fn a_degraded_server_takes_one_tier_off_and_not_another_at_the_next_look() {
    let world = World::new();
    for _ in 0..100 {
        world.request(Tier::Tier1, Ok, MS);
        world.request(Tier::Tier2, Ok, MS);
        world.request(Tier::Tier2, Ok, MS);
    }
    for _ in 0..12 {
        world.request(Tier::Tier1, Ok, MS);
        world.monitor.record(&slow(Cohort::Rest, 250 * MS));
    }
    check(&world, HEALTHY, [HEALTHY; 3], Mode::ResearchGrade);
    for _ in 0..12 {
        world.monitor.record(&slow(Cohort::Rest, 250 * MS));
    }
    check(&world, DEGRADED, [HEALTHY, DEGRADED, HEALTHY], Mode::EntityLinked);
    check(&world, DEGRADED, [HEALTHY, DEGRADED, HEALTHY], Mode::EntityLinked);
}

#[test]
fn with_tier_1_alone_a_degraded_server_leaves_exact() {
    let world = World::new();
    world.requests(20, Tier::Tier1, Ok, MS);
    for _ in 0..180 {
        world.monitor.record(&slow(Cohort::Rest, 201 * MS));
    }
    check(&world, DEGRADED, [DEGRADED, HEALTHY, HEALTHY], Mode::Exact);
}

#[test]
fn an_attempt_cut_off_is_an_error_and_counts_with_its_deadline() {
    let world = World::new();
    world.requests(90, Tier::Tier1, Ok, MS).requests(9, Tier::Tier1, Timeout, 200 * MS);
    world.requests(1, Tier::Tier1, Ok, MS);
    let figures = world.report().tiers[&Tier::Tier1].figures;
    assert_eq!((figures.error_rate, figures.timeout_rate), (Some(0.09), Some(0.09)));
    assert_eq!(figures.p95_ms, Some(200.0));
    check(&world, DEGRADED, [DEGRADED, HEALTHY, HEALTHY], Mode::Exact);
}

#[test]
fn exact_requests_dilute_no_error_rate() {
    let world = World::new();
    for _ in 0..1000 {
        world.monitor.record(&exact(Cohort::Rest));
    }
    world.requests(15, Tier::Tier1, Ok, MS).requests(5, Tier::Tier1, Error, MS);
    let report = world.report();
    assert_eq!((report.overall.error_rate, report.overall.attempts), (Some(0.25), 20));
    assert_eq!(report.requests.attempts, 1020);
}

#[test]
fn who_is_turned_away_falls_back_without_an_error() {
    let world = World::new();
    world.requests(20, Tier::Tier1, Error, MS).requests(5, Tier::Tier1, Ok, MS);
    let report = world.report();
    assert_eq!((report.overall.attempts, report.overall.errors), (20, 20));
    assert_eq!(report.requests.attempts, 25);
    assert_eq!(report.fallbacks.values().sum::<u64>(), 25);
    assert_eq!(report.served[&Mode::Exact], 25);
}

#[test]
fn the_operator_is_in_no_window() {
    let world = World::new();
    for _ in 0..200 {
        world.monitor.record(&slow(Cohort::Operator, Duration::from_secs(2)));
    }
    let report = world.report();
    assert_eq!((report.requests.attempts, report.served[&Mode::Exact]), (0, 0));
}

#[test]
fn alerts_begin_and_end_with_what_they_are_about() {
    let world = World::new();
    world.requests(120, Tier::Tier1, Ok, 30 * MS);
    let names = |world: &World| -> Vec<(Cause, bool)> {
        world.assess().alerts.iter().map(|alert| (alert.name, alert.resolved_ms.is_some())).collect()
    };
    assert_eq!(names(&world), [(Cause::LatencyP95, false)]);
    assert_eq!(names(&world), [(Cause::Lowered, false)]);
    world.requests(205, Tier::Tier1, Ok, MS);
    assert_eq!(names(&world), [(Cause::LatencyP95, true), (Cause::Lowered, true)]);
}

fn slow(cohort: Cohort, latency: Duration) -> find_facts_core::Outcome {
    find_facts_core::Outcome { latency, ..exact(cohort) }
}
