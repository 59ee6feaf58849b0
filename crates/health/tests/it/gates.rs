//! Who may run, from the first error to the last good probe.

use std::sync::atomic::Ordering;

use find_facts_core::AttemptResult::{Error, Ok};
use find_facts_core::health::{BreakerState, Status};
use find_facts_core::outcome::FallbackReason;
use find_facts_core::{Clock, Cohort, Mode, Tier};
use find_facts_health::{Admission, Event};

use crate::world::{MS, World};

fn check(world: &World, ceiling: Mode, admissions: [Admission; 3]) {
    let now = world.clock.now();
    assert_eq!(world.monitor.ceiling(), ceiling);
    assert_eq!(Tier::ALL.map(|tier| world.monitor.admit(tier, now)), admissions);
}

const RUN: Admission = Admission::Run;
const LOWERED: Admission = Admission::TurnedAway(FallbackReason::Health);
const BROKEN: Admission = Admission::TurnedAway(FallbackReason::BreakerOpen);

#[test]
fn a_breaker_opens_at_once_and_says_so() {
    let world = World::new();
    world.requests(20, Tier::Tier1, Error, MS);
    assert_eq!(world.calls.load(Ordering::Relaxed), 1);
    check(&world, Mode::Exact, [BROKEN, BROKEN, BROKEN]);
    let reason = "20 of the last 20 attempts of tier1 failed".to_owned();
    assert_eq!(world.assess().events[0], Event::BreakerOpened { tier: Tier::Tier1, reason });
    let report = &world.report().tiers[&Tier::Tier1];
    assert_eq!((report.breaker, report.breaker_trips), (BreakerState::Open, 1));
    assert_eq!(report.status, Status::Critical);
}

#[test]
fn an_open_breaker_leaves_the_tiers_below_alone() {
    let world = World::new();
    world.requests(20, Tier::Tier2, Error, MS);
    check(&world, Mode::EntityLinked, [RUN, BROKEN, BROKEN]);
}

#[test]
fn a_tier_is_lowered_when_it_is_assessed_and_not_before() {
    let world = World::new();
    world.requests(100, Tier::Tier2, Ok, 120 * MS);
    check(&world, Mode::ResearchGrade, [RUN, RUN, RUN]);
    let events = world.assess().events;
    let reason = "p95 120.0 ms (of 100) is above 100 ms".to_owned();
    assert_eq!(events, [Event::Lowered { tier: Tier::Tier2, status: Status::Degraded, reason }]);
    check(&world, Mode::EntityLinked, [RUN, LOWERED, LOWERED]);
    assert_eq!(world.assess().events, []);
}

#[test]
fn twenty_good_probes_raise_a_lowered_tier_and_old_figures_do_not_lower_it_again() {
    let world = World::new();
    world.requests(200, Tier::Tier1, Ok, 30 * MS);
    world.assess();
    let served = (0..205).filter(|_| world.request(Tier::Tier1, Ok, 5 * MS) == Mode::EntityLinked).count();
    assert_eq!(world.assess().events, [Event::Raised { tier: Tier::Tier1 }]);
    assert_eq!(served, 20 + 4);
    let report = world.report();
    assert_eq!((report.status, report.tiers[&Tier::Tier1].status), (Status::Healthy, Status::Healthy));
    check(&world, Mode::ResearchGrade, [RUN, RUN, RUN]);
}

#[test]
fn a_lowered_tier_that_stays_bad_stays_lowered_for_hours() {
    let world = World::new();
    world.requests(200, Tier::Tier1, Ok, 30 * MS);
    world.assess();
    for _ in 0..10 {
        world.requests(3600, Tier::Tier1, Ok, 30 * MS);
        world.assess();
        assert_eq!(world.monitor.ceiling(), Mode::Exact);
    }
}

#[test]
fn tiers_above_rise_with_the_one_that_took_them_down() {
    let world = World::new();
    world.requests(20, Tier::Tier1, Error, MS);
    world.requests(205, Tier::Tier3, Ok, MS);
    check(&world, Mode::ResearchGrade, [RUN, RUN, RUN]);
    assert!(world.assess().events.contains(&Event::BreakerClosed { tier: Tier::Tier1 }));
}

#[test]
fn a_breaker_that_closed_starts_counting_anew() {
    let world = World::new();
    world.requests(20, Tier::Tier1, Error, MS).requests(201, Tier::Tier1, Ok, MS);
    world.requests(19, Tier::Tier1, Error, MS);
    assert_eq!(world.monitor.ceiling(), Mode::ResearchGrade);
    world.requests(1, Tier::Tier1, Error, MS);
    assert_eq!(world.monitor.ceiling(), Mode::Exact);
    assert_eq!(world.report().tiers[&Tier::Tier1].breaker_trips, 2);
}

#[test]
fn a_tier_switched_on_again_starts_anew() {
    let world = World::new();
    world.requests(200, Tier::Tier1, Error, MS);
    world.assess();
    world.monitor.start_anew(Tier::Tier1, world.clock.now());
    check(&world, Mode::ResearchGrade, [RUN, RUN, RUN]);
    assert_eq!(world.assess().events, []);
    let report = world.report();
    let tier1 = &report.tiers[&Tier::Tier1];
    assert_eq!((report.overall.attempts, tier1.figures.attempts, tier1.breaker_trips), (0, 0, 0));
    assert!(tier1.cohorts[&Cohort::Rest].totals.attempts > 0);
}
