//! Both phases, from the first start to everybody, and back.

use std::thread::sleep;
use std::time::Duration;

use find_facts_api::admin::FaultKind;

use crate::callers::{self, Asker, Callers};
use crate::deployctl::{check, ends, phase, said, start};
use crate::knowledge::inns;
use crate::server::World;

/// deployctl's exit codes.
const COMPLETED: i32 = 0;
const ROLLED_BACK: i32 = 6;

#[test]
fn phase1_then_phase2_bring_tier_1_to_everybody() {
    let world = World::new();
    let server = world.serve();
    let callers = Callers::begin(&server);
    check(&world, phase(&world, &server, 1), COMPLETED);
    assert!(!server.tier1().enabled, "phase 1 gives nobody anything");
    check(&world, phase(&world, &server, 2), COMPLETED);
    let tier1 = server.tier1();
    assert_eq!((tier1.enabled, f64::from(tier1.percentage)), (true, 100.0));
    assert!(callers.end().enhanced > 0);
    let inn = &inns()[17];
    let asker = Asker::new(&server);
    let founded = (vec!["1517".to_owned()], true);
    assert_eq!(asker.objects(&inn.alias), founded, "an alias");
    assert_eq!(asker.objects(&inn.name.to_lowercase()), founded, "other case");
    assert_eq!(asker.objects(&inn.name), (vec!["1517".to_owned()], false), "exact queries need no tier");
}

#[test]
fn a_fault_at_25_percent_is_rolled_back_and_nobody_saw_an_error() {
    let world = World::new();
    let server = world.serve();
    let callers = Callers::begin(&server);
    let run = start(&world, &mut phase(&world, &server, 2));
    server.await_percentage(25.0);
    server.fail_tier1(0.5);
    assert_eq!(ends(&world, run), Some(ROLLED_BACK), "{}\n{}", said(&world), world.server_log());
    let tier1 = server.tier1();
    assert!(!tier1.enabled || f64::from(tier1.percentage) < 25.0, "{tier1:?}");
    assert!(callers.end().enhanced > 0);
}

#[test]
fn answers_that_turn_wrong_at_25_percent_are_rolled_back_though_none_fails() {
    let world = World::new();
    let server = world.serve();
    let callers = Callers::begin(&server);
    let run = start(&world, &mut phase(&world, &server, 2));
    server.await_percentage(25.0);
    server.strike_tier1(FaultKind::WrongAnswer { object: "Atlantis".into() }, 0.5);
    assert_eq!(ends(&world, run), Some(ROLLED_BACK), "{}\n{}", said(&world), world.server_log());
    assert!(said(&world).contains("golden probes were answered right"), "{}", said(&world));
    callers.end();
}

#[test]
fn a_server_killed_in_the_middle_comes_back_and_the_run_goes_on() {
    let world = World::new();
    let server = world.serve();
    let legacy = callers::legacy(&server);
    let callers = Callers::with(&server, &legacy);
    let run = start(&world, &mut phase(&world, &server, 2));
    server.await_percentage(10.0);
    // Requests in flight when a server dies do fail, so callers leave before and return after.
    callers.end();
    let (public, admin) = (server.public.clone(), server.admin.clone());
    server.kill();
    sleep(Duration::from_secs(2));
    let server = world.serve_at(&public, &admin);
    assert_eq!(f64::from(server.tier1().percentage), 10.0, "a restart keeps the flags");
    let again = Callers::with(&server, &legacy);
    assert_eq!(ends(&world, run), Some(COMPLETED), "{}\n{}", said(&world), world.server_log());
    assert!(again.end().enhanced > 0);
}
