//! Killed before and after every journal write and every act, a run goes on as if nothing had happened: no step twice, none
//! skipped. The same with the server killed at each of these points.

use std::cell::Cell;

use find_facts_api::admin::GenerationRecord;
use find_facts_api::rollout::RunStatus;
use find_facts_rollout::act::Act;
use find_facts_rollout::drive::DriveError;
use find_facts_rollout::end::End;
use find_facts_rollout::journal::{Entry, replay};
use find_facts_rollout::ports::{KillPoint, Killed, Point};
use find_facts_rollout::step::Next;

use crate::bench::Bench;
use crate::sim::{Script, SimServer};

/// Acts once, at the point with this number.
struct At<'s> {
    point: usize,
    passed: Cell<usize>,
    /// Whose death it is: the server's, or, where none is given, the controller's.
    server: Option<&'s SimServer>,
}

impl<'s> At<'s> {
    fn new(point: usize, server: Option<&'s SimServer>) -> Self {
        Self { point, passed: Cell::new(0), server }
    }
}

impl KillPoint for At<'_> {
    fn reach(&self, _: Point<'_>) -> Result<(), Killed> {
        let passed = self.passed.replace(self.passed.get() + 1);
        match (passed == self.point, self.server) {
            (false, _) => Ok(()),
            (true, None) => Err(Killed),
            (true, Some(server)) => {
                server.restart();
                Ok(())
            }
        }
    }
}

struct Undisturbed {
    history: Vec<GenerationRecord>,
    acts: Vec<Act>,
    points: usize,
    seconds: f64,
}

fn undisturbed(make: fn() -> Bench) -> Undisturbed {
    let mut bench = make();
    let counter = At::new(usize::MAX, None);
    assert_eq!(bench.go_with(&counter, Vec::new()).unwrap(), End::Completed);
    Undisturbed {
        history: bench.server.flag_history(),
        acts: acts(&bench),
        points: counter.passed.get(),
        seconds: bench.server.second(),
    }
}

/// Every act whose intent was written down, in order.
fn acts(bench: &Bench) -> Vec<Act> {
    let intent = |entry: &Entry| match entry {
        Entry::Intent(act) => Some(act.act.clone()),
        _ => None,
    };
    bench.log.0.iter().filter_map(intent).collect()
}

/// Kills at every point in turn. The whole run takes some 200 points, so that is some 200 runs.
fn killed_at_every_point(make: fn() -> Bench, kill_server: bool) {
    let whole = undisturbed(make);
    assert!(whole.points > 40, "{} points", whole.points);
    for point in 0..whole.points {
        let mut bench = make();
        let server = bench.server.clone();
        let kill = At::new(point, kill_server.then_some(&server));
        let mut ended = bench.go_with(&kill, Vec::new());
        if !kill_server {
            assert!(matches!(ended, Err(DriveError::Killed(_))), "point {point}: {ended:?}");
            // The next process comes a minute later, and is left alone.
            server.clock.advance(std::time::Duration::from_secs(60));
            ended = bench.go();
        }
        assert_eq!(ended.unwrap(), End::Completed, "killed at point {point}");
        assert_eq!(bench.server.flag_history(), whole.history, "killed at point {point}");
        assert_eq!(acts(&bench), whole.acts, "killed at point {point}");
        let world = bench.server.world.lock().unwrap();
        assert_eq!(world.lease, None, "killed at point {point}");
        assert_eq!(world.shown.last().unwrap().status, RunStatus::Completed, "killed at point {point}");
        drop(world);
        assert!(bench.server.second() + 0.01 >= whole.seconds, "point {point}: time was granted");
    }
}

#[test]
fn phase_2_killed_at_every_point_leaves_the_flag_history_of_an_undisturbed_run() {
    killed_at_every_point(|| Bench::phase2(Script::default()), false);
}

#[test]
fn phase_2_with_the_server_killed_at_every_point_leaves_it_too() {
    killed_at_every_point(|| Bench::phase2(Script::default()), true);
}

#[test]
fn phase_3_killed_at_every_point_leaves_the_flag_history_of_an_undisturbed_run() {
    killed_at_every_point(|| Bench::phase3(Script::default()), false);
}

#[test]
fn phase_3_with_the_server_killed_at_every_point_leaves_it_too() {
    killed_at_every_point(|| Bench::phase3(Script::default()), true);
}

#[test]
fn phase_1_killed_at_every_point_leaves_it_too() {
    killed_at_every_point(|| Bench::phase1(Script { cached: false, ..Script::default() }), false);
}

#[test]
fn answers_lost_on_the_way_change_nothing() {
    let whole = undisturbed(|| Bench::phase2(Script::default()));
    for lost_answers in 1..4 {
        let mut bench = Bench::phase2(Script { lost_answers, ..Script::default() });
        assert_eq!(bench.go().unwrap(), End::Completed);
        assert_eq!(bench.server.flag_history(), whole.history, "{lost_answers} answers lost");
    }
}

#[test]
fn a_server_that_dies_while_it_is_measured_is_measured_again() {
    let mut whole = Bench::phase2(Script::default());
    whole.go().unwrap();
    let asked = whole.server.world.lock().unwrap().asked;
    assert!(asked > 500, "{asked} queries");
    for query in (1..=asked).step_by(47) {
        let mut bench = Bench::phase2(Script { dies_at_query: Some(query), ..Script::default() });
        assert_eq!(bench.go().unwrap(), End::Completed, "query {query}");
        assert_eq!(bench.server.flag_history(), whole.server.flag_history(), "query {query}");
    }
}

/// Kills the controller when its journal has this many entries.
struct AfterEntries(Cell<usize>);

impl KillPoint for AfterEntries {
    fn reach(&self, point: Point<'_>) -> Result<(), Killed> {
        let Point::AfterEntry(_) = point else { return Ok(()) };
        self.0.set(self.0.get() - 1);
        if self.0.get() == 0 { Err(Killed) } else { Ok(()) }
    }
}

#[test]
fn every_prefix_of_a_journal_resumes_to_the_same_end() {
    let script = || Script { failing: Some((50.0, 0.4)), ..Script::default() };
    let mut whole = Bench::phase2(script());
    let end = whole.go().unwrap();
    for length in 1..whole.log.0.len() {
        let replayed = replay(&whole.schedule, &whole.opened, &whole.log.0[..length]).unwrap();
        assert!(!matches!(replayed.next, Next::Stop(_)), "{length}: {replayed:?}");

        let mut bench = Bench::phase2(script());
        assert!(bench.go_with(&AfterEntries(length.into()), Vec::new()).is_err());
        assert_eq!(bench.log.0, whole.log.0[..length], "a run does the same every time");
        let resumed = bench.go().unwrap();
        assert_eq!(kind(&resumed), kind(&end), "{length}: {resumed} instead of {end}");
        assert_eq!(bench.server.flag_history(), whole.server.flag_history(), "{length}");
    }
    let replayed = replay(&whole.schedule, &whole.opened, &whole.log.0).unwrap();
    assert_eq!(replayed.next, Next::Stop(end));
}

/// The kind of an end, without its figures.
fn kind(end: &End) -> String {
    end.to_string().split(':').next().unwrap_or_default().to_owned()
}
