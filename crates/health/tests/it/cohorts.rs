//! Figures and totals of the two sides of a comparison.

use find_facts_core::outcome::Attempt;
use find_facts_core::{AttemptResult, Cohort, Mode, Outcome, OutcomeSink, Tier};

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
