//! Each death of a Phase 2 and of a Phase 3, in a run of its own: the server's flag history is that of the undisturbed run.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use find_facts_api::admin::GenerationRecord;

use crate::deployctl::{Exit, check, deployctl, ends, phase, said, start};
use crate::points::{Death, Shard, Victim, deaths, instead};
use crate::server::{Server, World};
use crate::traffic::Traffic;

const COMPLETED: i32 = 0;

/// The phases that expose callers to a tier.
const PHASES: [usize; 2] = [2, 3];

/// Runs wait most of their time, so two of them side by side still leave each enough of a processor.
const SIDE_BY_SIDE: usize = 2;

/// How often a death is tried whose look never came, because the watch was shorter this time.
const TRIES: usize = 3;

/// Once the server is dead, the run notices within seconds.
const SERVER_STAYS_AWAY: Duration = Duration::from_secs(1);

#[test]
#[ignore = "hours of runs: `cargo xtask verify --long` has a share of them"]
fn a_run_with_any_death_takes_the_same_course() {
    let shard = Shard::of_environment();
    let began = Instant::now();
    let undisturbed = PHASES.map(|phase| (phase, undisturbed(phase)));
    let all: Vec<Death> = undisturbed.iter().flat_map(|(phase, (_, trace))| deaths(*phase, trace)).collect();
    let courses = BTreeMap::from(undisturbed.map(|(phase, (course, _))| (phase, course)));
    let (total, share) = (all.len(), shard.take(all));
    eprintln!("{} of {total} deaths; a run of each phase takes {:?}", share.len(), began.elapsed());
    let (queue, failed) = (Mutex::new(share.into_iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                loop {
                    let Some(death) = queue.lock().unwrap().next() else { break };
                    let outcome = die(&death, &courses[&death.phase]);
                    eprintln!(
                        "{:>5.0?} {death}: {}",
                        began.elapsed(),
                        outcome.as_ref().err().map_or("ok", |why| why)
                    );
                    failed.lock().unwrap().extend(outcome.err().map(|why| format!("{death}: {why}")));
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{failed:#?}");
}

/// The course of a phase, and the points that it comes by.
fn undisturbed(number: usize) -> (Vec<GenerationRecord>, String) {
    let world = World::before_phase(number);
    let server = world.serve();
    let traffic = Traffic::of_phase(number, &world, &server);
    let mut command = phase(&world, &server, number);
    command.env("FIND_FACTS_KILL_TRACE", world.path("points"));
    check(&world, command, COMPLETED);
    traffic.end();
    server.is_left_in_order();
    (server.generations(), fs::read_to_string(world.path("points")).unwrap())
}

/// One run with one death, in threads of its own, so that a claim that fails there is told here.
fn die(death: &Death, course: &[GenerationRecord]) -> Result<(), String> {
    let mut death = death.clone();
    for _ in 0..TRIES {
        let run = thread::scope(|scope| scope.spawn(|| run(&death)).join());
        match run.map_err(|panic| reason(&*panic))? {
            Run::Died(found) if found == course => return Ok(()),
            Run::Died(found) => return Err(format!("another course: {found:#?}")),
            Run::Missed { trace } => {
                death.point = instead(&death.point, &trace).ok_or("the point was never reached")?;
            }
        }
    }
    Err("the point was never reached".to_owned())
}

/// What a panic said.
fn reason(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked").to_owned()
}

enum Run {
    /// The generations that the run has left.
    Died(Vec<GenerationRecord>),
    /// It ended before it came to the point.
    Missed { trace: String },
}

fn run(death: &Death) -> Run {
    let world = World::before_phase(death.phase);
    let mut server = world.serve();
    let traffic = Traffic::of_phase(death.phase, &world, &server);
    let mut command = phase(&world, &server, death.phase);
    command.env("FIND_FACTS_KILL_AT", &death.point).env("FIND_FACTS_KILL_TRACE", world.path("points"));
    let has_died = match death.victim {
        Victim::Deployctl => {
            let exit = ends(&world, start(&world, &mut command));
            take_up(&world, &server, death, exit);
            exit.is_none()
        }
        Victim::Server => {
            command.env("FIND_FACTS_KILL_PID", server.process().0.id().to_string());
            let (died, second) = outlive(&world, server, command);
            server = second;
            died
        }
    };
    traffic.end_beside_deaths();
    server.is_left_in_order();
    match has_died {
        true => Run::Died(server.generations()),
        false => Run::Missed { trace: fs::read_to_string(world.path("points")).unwrap() },
    }
}

/// Goes on with a run that was killed, as an operator would.
fn take_up(world: &World, server: &Server, death: &Death, exit: Exit) {
    let again = match (exit, death.point.as_str()) {
        (Some(code), _) => return assert_eq!(code, COMPLETED, "{}", said(world)),
        (None, "before opened") => phase(world, server, death.phase),
        (None, _) => deployctl(world, server, &["resume"]),
    };
    check(world, again, COMPLETED);
}

/// Runs to the end, beside a server that comes back when it dies. Says whether it did, and which one is left.
fn outlive(world: &World, mut server: Server, mut command: std::process::Command) -> (bool, Server) {
    let mut process = start(world, &mut command);
    while !process.has_ended() && !server.process().has_ended() {
        thread::sleep(Duration::from_millis(50));
    }
    let has_died = server.process().has_ended();
    if has_died {
        thread::sleep(SERVER_STAYS_AWAY);
        server = world.serve_at(&server.public.clone(), &server.admin.clone());
    }
    assert_eq!(ends(world, process), Some(COMPLETED), "{}\n{}", said(world), world.server_log());
    (has_died, server)
}
