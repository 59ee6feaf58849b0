//! deployctl, killed again and again in one run: the flags take the same course as without.

use std::thread::spawn;

use fastrand::Rng;
use find_facts_api::admin::GenerationRecord;

use crate::callers::Callers;
use crate::deployctl::{check, deployctl, ends, phase, said, start};
use crate::server::{Server, World};

const COMPLETED: i32 = 0;

/// Decides at which points deployctl is killed.
const SEED: u64 = 7;

const DEATHS: usize = 6;

/// No process reaches more points than this; a phase has more than all of them together, so that each process dies.
const LATEST: u64 = 24;

#[test]
fn a_run_killed_at_six_points_takes_the_same_course() {
    let undisturbed = spawn(|| course(|world, server| check(world, phase(world, server, 2), COMPLETED)));
    let killed = course(run_killed);
    assert_eq!(killed, undisturbed.join().unwrap());
}

/// All generations that a Phase 2 leaves behind.
fn course(run: impl FnOnce(&World, &Server)) -> Vec<GenerationRecord> {
    let world = World::new();
    let server = world.serve();
    let callers = Callers::begin(&server);
    run(&world, &server);
    callers.end();
    server.is_left_in_order();
    server.generations()
}

fn run_killed(world: &World, server: &Server) {
    let mut random = Rng::with_seed(SEED);
    eprintln!("seed {SEED}");
    let mut command = phase(world, server, 2);
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
