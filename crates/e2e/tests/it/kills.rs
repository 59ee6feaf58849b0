//! deployctl, killed again and again in one run: the flags take the same course as without.

use std::thread::spawn;

use fastrand::Rng;
use find_facts_api::admin::GenerationRecord;
use find_facts_core::Tier;

use crate::deployctl::{check, deployctl, ends, phase, said, start};
use crate::programs::LANGUAGE_MODEL;
use crate::server::{Server, World};
use crate::traffic::Traffic;

const COMPLETED: i32 = 0;

/// Decides at which points deployctl is killed.
const SEED: u64 = 7;

/// In each of the two phases; six in all.
const DEATHS: usize = 3;

/// No process reaches more points than this; a phase has more than all of them together, so that each process dies.
const LATEST: u64 = 24;

#[test]
fn a_phase_2_killed_at_three_points_takes_the_same_course() {
    take_the_same_course(2);
}

#[test]
fn a_phase_3_brings_tier_2_to_everybody_and_killed_at_three_points_takes_the_same_course() {
    take_the_same_course(3);
}

fn take_the_same_course(number: usize) {
    let undisturbed =
        spawn(move || course(number, |world, server| check(world, phase(world, server, number), COMPLETED)));
    let killed = course(number, |world, server| run_killed(number, world, server));
    assert_eq!(killed, undisturbed.join().unwrap());
}

/// All generations that a phase leaves behind.
fn course(number: usize, run: impl FnOnce(&World, &Server)) -> Vec<GenerationRecord> {
    let world = World::before_phase(number);
    let server = world.serve();
    let traffic = Traffic::of_phase(number, &world, &server);
    run(&world, &server);
    traffic.end();
    server.is_left_in_order();
    if number == 3 {
        has_tier2_for_everybody(&server);
    }
    server.generations()
}

fn has_tier2_for_everybody(server: &Server) {
    let flag = server.flag(Tier::Tier2);
    assert_eq!((flag.enabled, f64::from(flag.percentage)), (true, 100.0));
    let health = server.health();
    let model = health.models.iter().find(|model| model.id == LANGUAGE_MODEL).unwrap();
    assert!(model.loaded && model.memory_bytes.is_some_and(|bytes| bytes > 50 << 20), "{model:?}");
    assert!(health.memory.pss_bytes > model.memory_bytes.unwrap(), "{:?}", health.memory);
}

fn run_killed(number: usize, world: &World, server: &Server) {
    let mut random = Rng::with_seed(SEED + number as u64);
    eprintln!("seed {SEED}, phase {number}");
    let mut command = phase(world, server, number);
    for death in 1..=DEATHS {
        // Its first points lie in a resumed run's preamble; past them it has always got on by one.
        command.env("FIND_FACTS_KILL_AT", random.u64(4..=LATEST).to_string());
        command.env("FIND_FACTS_KILL_TRACE", world.path("points"));
        let exit = ends(world, start(world, &mut command));
        assert_eq!(
            exit,
            None,
            "death {death} did not come after {}\n{}",
            world.end_of("points"),
            said(world)
        );
        command = deployctl(world, server, &["resume"]);
    }
    check(world, command, COMPLETED);
}
