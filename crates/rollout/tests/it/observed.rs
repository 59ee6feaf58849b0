//! A watch window counts observed time only: neither lost, nor granted for time in which nobody watched.

use std::time::Duration;

use find_facts_rollout::drive::DriveError;
use find_facts_rollout::end::End;
use find_facts_rollout::ports::{KillPoint, Killed, Point};
use find_facts_rollout::step::Input;
use find_facts_rollout::watch::Look;
use find_facts_rollout::{journal::Entry, state::Stage};

use crate::bench::Bench;
use crate::sim::{Script, Spell};

/// How much longer than an undisturbed one a run takes.
fn extra_seconds(script: Script) -> f64 {
    let run = |script| {
        let mut bench = Bench::phase2(script);
        assert_eq!(bench.go().unwrap(), End::Completed);
        bench.server.second()
    };
    run(script) - run(Script::default())
}

fn check(script: Script, at_least: f64, at_most: f64) {
    let extra = extra_seconds(script);
    assert!((at_least..=at_most).contains(&extra), "{extra} s longer");
}

#[test]
fn a_server_out_of_reach_pauses_the_window() {
    // Suites at 20 requests a second end before second 12; the first window begins there.
    check(Script { unreachable: vec![Spell { from: 20.0, to: 23.0 }], ..Script::default() }, 3.0, 6.0);
}

#[test]
fn a_lowered_ceiling_pauses_the_window() {
    check(Script { lowered: vec![Spell { from: 20.0, to: 24.0 }], ..Script::default() }, 4.0, 7.0);
}

#[test]
fn a_ceiling_that_stays_lowered_is_not_waited_for_beyond_extend() {
    let mut bench =
        Bench::phase2(Script { lowered: vec![Spell { from: 20.0, to: 1e9 }], ..Script::default() });
    let end = bench.go().unwrap();
    assert!(end.to_string().contains("health has lowered the ceiling"), "{end}");
    assert!(bench.server.second() < 60.0);
}

/// Kills the controller at its nth look.
struct AtLook(std::cell::Cell<u32>);

impl KillPoint for AtLook {
    fn reach(&self, point: Point<'_>) -> Result<(), Killed> {
        let Point::AfterEntry(Entry::Input(Input::Look(Look::Seen(_)))) = point else { return Ok(()) };
        self.0.set(self.0.get() - 1);
        if self.0.get() == 0 { Err(Killed) } else { Ok(()) }
    }
}

fn observed_ms(bench: &Bench) -> u64 {
    let replayed = find_facts_rollout::journal::replay(&bench.schedule, &bench.opened, &bench.log.0).unwrap();
    match replayed.state.stage {
        Stage::Watching(watch) => watch.observed_ms,
        other => panic!("not watching but {other:?}"),
    }
}

#[test]
fn an_hour_in_which_the_controller_was_dead_is_not_granted_and_what_was_seen_is_not_lost() {
    let mut bench = Bench::phase2(Script::default());
    let killed = bench.go_with(&AtLook(11.into()), Vec::new());
    assert!(matches!(killed, Err(DriveError::Killed(_))));
    let before = observed_ms(&bench);
    assert_eq!(before, 10_000);
    bench.server.clock.advance(Duration::from_secs(3600));
    let killed = bench.go_with(&AtLook(1.into()), Vec::new());
    assert!(matches!(killed, Err(DriveError::Killed(_))));
    assert_eq!(observed_ms(&bench), before, "right after the gap");
    let killed = bench.go_with(&AtLook(3.into()), Vec::new());
    assert!(matches!(killed, Err(DriveError::Killed(_))));
    assert_eq!(observed_ms(&bench), before + 2000, "two looks later");
}

#[test]
fn attempts_of_an_unobserved_time_are_no_evidence() {
    let mut bench = Bench::phase2(Script::default());
    let _ = bench.go_with(&AtLook(11.into()), Vec::new());
    let attempts = |bench: &Bench| {
        let replayed =
            find_facts_rollout::journal::replay(&bench.schedule, &bench.opened, &bench.log.0).unwrap();
        match replayed.state.stage {
            Stage::Watching(watch) => watch.evidence().attempts,
            other => panic!("not watching but {other:?}"),
        }
    };
    let before = attempts(&bench);
    bench.server.clock.advance(Duration::from_secs(3600));
    let _ = bench.go_with(&AtLook(1.into()), Vec::new());
    assert_eq!(attempts(&bench), before);
}

#[test]
fn a_restarted_server_costs_one_look_and_no_evidence() {
    let mut bench = Bench::phase2(Script::default());
    let _ = bench.go_with(&AtLook(11.into()), Vec::new());
    bench.server.restart();
    assert_eq!(bench.go().unwrap(), End::Completed);
}
