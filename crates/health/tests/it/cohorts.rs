//! Figures and totals of the two sides of a comparison.

use find_facts_core::outcome::Attempt;
use find_facts_core::{AttemptResult, Cohort, Generation, Mode, Outcome, OutcomeSink, Tier};
use find_facts_health::ReportParts;

use crate::world::{MS, World, exact};

fn tier1(cohort: Cohort, result: AttemptResult) -> Outcome {
    let attempt = Attempt { tier: Tier::Tier1, result, latency: 4 * MS, cache_hit: true };
    Outcome {
        mode_asked: Mode::EntityLinked,
        mode_served: Mode::EntityLinked,
        attempts: vec![attempt],
        ..exact(cohort)
    }
}

#[test]
fn the_canary_counts_attempts_and_the_control_the_requests_that_went_without() {
    let world = World::new();
    for number in 0..200 {
        let result = if number % 10 == 0 { AttemptResult::Panic } else { AttemptResult::Ok };
        world.monitor.record(&tier1(Cohort::Canary, result));
        world.monitor.record(&exact(Cohort::Control));
        world.monitor.record(&exact(Cohort::Rest));
    }
    let cohorts = &world.report().tiers[&Tier::Tier1].cohorts;
    let [canary, control, rest] = [Cohort::Canary, Cohort::Control, Cohort::Rest].map(|it| &cohorts[&it]);
    assert_eq!((canary.totals.attempts, canary.totals.panics), (200, 20));
    assert_eq!((canary.figures.error_rate, control.figures.error_rate), (Some(0.1), Some(0.0)));
    assert_eq!(control.totals.latency_us, [[50, 200]]);
    assert_eq!(rest.totals.attempts, 0);
}

#[test]
fn a_tier_that_never_ran_has_no_control() {
    let world = World::new();
    world.monitor.record(&tier1(Cohort::Canary, AttemptResult::Ok));
    world.monitor.record(&exact(Cohort::Control));
    let report = world.report();
    let control = |tier: Tier| report.tiers[&tier].cohorts[&Cohort::Control].totals.attempts;
    assert_eq!(Tier::ALL.map(control), [1, 0, 0]);
}

#[test]
fn totals_outlive_the_window() {
    let world = World::new();
    for _ in 0..300 {
        world.monitor.record(&tier1(Cohort::Canary, AttemptResult::Ok));
    }
    world.clock.advance(3 * 3600 * 1000 * MS);
    let canary = &world.report().tiers[&Tier::Tier1].cohorts[&Cohort::Canary];
    assert_eq!((canary.figures.attempts, canary.totals.attempts), (0, 300));
}

#[test]
fn cache_hits_are_counted_by_attempt() {
    let world = World::new();
    world.monitor.record(&tier1(Cohort::Rest, AttemptResult::Ok));
    world.request(Tier::Tier1, AttemptResult::Ok, MS);
    let cache = world.report().tiers[&Tier::Tier1].cache;
    assert_eq!((cache.hits, cache.misses), (1, 1));
}

/// Callers of a cohort as the report of a generation has them, and how many of them failed.
fn callers(world: &World, generation: u64, cohort: Cohort) -> (u64, u64) {
    let parts = ReportParts { generation: Generation(generation), ..ReportParts::default() };
    let counted = &world.monitor.report(parts).tiers[&Tier::Tier1].cohorts[&cohort].callers;
    (counted.attempts, counted.errors)
}

#[test]
fn each_caller_counts_once_by_its_first_attempt_in_a_generation() {
    let world = World::new();
    let attempt = |caller: u32, generation: u64, result| {
        let generation = Generation(generation);
        world.monitor.record(&Outcome { caller, generation, ..tier1(Cohort::Canary, result) });
    };
    attempt(1, 1, AttemptResult::Error);
    attempt(2, 1, AttemptResult::Ok);
    for _ in 0..20 {
        attempt(1, 1, AttemptResult::Error);
        attempt(2, 1, AttemptResult::Error);
    }
    assert_eq!(callers(&world, 1, Cohort::Canary), (2, 1));
    // In the next generation nobody has been seen, and what is still under way for the one before is not its own.
    assert_eq!(callers(&world, 2, Cohort::Canary), (0, 0));
    attempt(1, 2, AttemptResult::Ok);
    attempt(3, 1, AttemptResult::Error);
    assert_eq!(callers(&world, 2, Cohort::Canary), (1, 0));
}

#[test]
fn callers_of_the_control_count_by_their_first_request_and_the_rest_are_not_told_apart() {
    let world = World::new();
    world.monitor.record(&tier1(Cohort::Canary, AttemptResult::Ok));
    for caller in [1, 2, 2, 2] {
        world.monitor.record(&Outcome { caller, ..exact(Cohort::Control) });
        world.monitor.record(&Outcome { caller, ..tier1(Cohort::Rest, AttemptResult::Ok) });
    }
    assert_eq!(callers(&world, 1, Cohort::Control), (2, 0));
    assert_eq!(callers(&world, 1, Cohort::Rest), (0, 0));
}
