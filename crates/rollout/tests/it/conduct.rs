//! What operators can do to a run, and runs to each other.

use std::cell::Cell;
use std::time::Duration;

use find_facts_api::admin::LeaseRequest;
use find_facts_api::rollout::{Command, RunStatus};
use find_facts_core::{FlagKey, FlagState};
use find_facts_rollout::drive::{DriveError, Order};
use find_facts_rollout::end::{End, RolledBackBy};
use find_facts_rollout::journal::Entry;
use find_facts_rollout::ports::{Board, KillPoint, Killed, LeaseKeeper, Point};
use find_facts_rollout::step::Input;
use proptest::prelude::*;

use crate::bench::Bench;
use crate::sim::{Script, SimServer};

/// Does something to the server after the nth look, and once more some looks or seconds later.
struct Then<'s, F: Fn(&SimServer)> {
    server: &'s SimServer,
    looks: Cell<u32>,
    what: F,
}

impl<F: Fn(&SimServer)> KillPoint for Then<'_, F> {
    fn reach(&self, point: Point<'_>) -> Result<(), Killed> {
        if let Point::AfterEntry(Entry::Input(Input::Look(_))) = point {
            self.looks.set(self.looks.get() + 1);
            if self.looks.get() == 5 {
                (self.what)(self.server);
            }
        }
        Ok(())
    }
}

fn after_five_looks(script: Script, what: impl Fn(&SimServer)) -> (Bench, Result<End, DriveError>) {
    let mut bench = Bench::phase2(script);
    let server = bench.server.clone();
    let end = bench.go_with(&Then { server: &server, looks: Cell::new(0), what }, Vec::new());
    (bench, end)
}

fn exposed(bench: &Bench) -> f64 {
    bench.server.world.lock().unwrap().exposed()
}

#[test]
fn an_abort_goes_back_and_ends_the_run() {
    let (bench, end) =
        after_five_looks(Script::default(), |server| server.order(Command::Abort, "anna").unwrap());
    assert_eq!(end.unwrap(), End::Aborted { reason: "aborted by anna".to_owned() });
    assert_eq!(exposed(&bench), 0.0);
}

#[test]
fn a_rollback_that_is_asked_for_is_one() {
    let (bench, end) =
        after_five_looks(Script::default(), |server| server.order(Command::Rollback, "anna").unwrap());
    assert!(matches!(end.unwrap(), End::RolledBack { by: RolledBackBy::Operator, .. }));
    assert_eq!(exposed(&bench), 0.0);
}

#[test]
fn a_promoted_wait_is_over_at_once() {
    let (bench, end) =
        after_five_looks(Script::default(), |server| server.order(Command::Promote, "anna").unwrap());
    assert_eq!(end.unwrap(), End::Completed);
    let mut undisturbed = Bench::phase2(Script::default());
    undisturbed.go().unwrap();
    let saved = undisturbed.server.second() - bench.server.second();
    assert!((20.0..30.0).contains(&saved), "{saved} s saved");
}

#[test]
fn a_retried_wait_begins_anew() {
    let (bench, end) =
        after_five_looks(Script::default(), |server| server.order(Command::Retry, "anna").unwrap());
    assert_eq!(end.unwrap(), End::Completed);
    let mut undisturbed = Bench::phase2(Script::default());
    undisturbed.go().unwrap();
    let longer = bench.server.second() - undisturbed.server.second();
    assert!((3.0..8.0).contains(&longer), "{longer} s longer");
}

/// Pauses at once, and resumes after a virtual minute of the paused run's own waiting.
struct ResumesLater<'s>(&'s SimServer);

impl KillPoint for ResumesLater<'_> {
    fn reach(&self, point: Point<'_>) -> Result<(), Killed> {
        if let Point::AfterEntry(Entry::Input(Input::Command { command: Command::Pause, .. })) = point {
            self.0.order(Command::Resume, "anna").unwrap();
            self.0.clock.advance(Duration::from_secs(60));
        }
        Ok(())
    }
}

#[test]
fn a_pause_stops_the_window_and_a_resume_goes_on_with_it() {
    let mut bench = Bench::phase2(Script::default());
    let server = bench.server.clone();
    let order = Order { id: None, command: Command::Pause, by: "anna".to_owned() };
    let end = bench.go_with(&ResumesLater(&server), vec![order]).unwrap();
    assert_eq!(end, End::Completed);
    let statuses: Vec<RunStatus> =
        server.world.lock().unwrap().shown.iter().map(|shown| shown.status).collect();
    assert!(statuses.contains(&RunStatus::Paused), "{statuses:?}");
}

#[test]
fn a_command_is_taken_up_once_even_if_its_acknowledgement_is_lost() {
    let mut bench = Bench::phase2(Script::default());
    let promote = |id| Order { id: Some(id), command: Command::Promote, by: "anna".to_owned() };
    assert_eq!(
        bench.go_with(&find_facts_rollout::ports::NoKill, vec![promote(7), promote(7)]).unwrap(),
        End::Completed
    );
    assert_eq!(bench.heard("ordered").len(), 1);
}

#[test]
fn an_operator_who_changes_the_flag_by_hand_ends_the_run_and_keeps_the_last_word() {
    let (bench, end) = after_five_looks(Script::default(), |server| {
        server.meddle("operator", FlagKey::Tier1EntityLinking, FlagState::default());
    });
    assert!(matches!(end.unwrap(), End::Aborted { reason } if reason.contains("changed by somebody else")));
    assert_eq!(exposed(&bench), 0.0);
}

#[test]
fn another_runs_lease_keeps_a_run_from_beginning_and_leaves_no_trace() {
    let mut bench = Bench::phase2(Script::default());
    hold(&bench.server, "another", 300.0);
    assert!(matches!(bench.go(), Err(DriveError::LeaseHeld(lease)) if lease.run == "another"));
    assert_eq!((bench.log.0.len(), bench.server.flag_history().len()), (0, 1));
}

#[test]
fn the_same_run_resumed_takes_its_lease_over() {
    let mut bench = Bench::phase2(Script::default());
    hold(&bench.server, "r1", 300.0);
    assert_eq!(bench.go().unwrap(), End::Completed);
}

#[test]
fn a_completed_run_gives_its_lease_back() {
    let mut bench = Bench::phase2(Script::default());
    bench.go().unwrap();
    hold(&bench.server, "another", 300.0);
}

#[test]
fn a_lease_is_renewed_for_as_long_as_the_run_lasts() {
    let (bench, end) = after_five_looks(Script { per_second: 2.0, ..Script::default() }, |server| {
        let request =
            LeaseRequest { run: "thief".to_owned(), holder: "a test".to_owned(), ttl_seconds: 60.0 };
        assert!(server.hold(&request).is_err());
    });
    assert!(end.is_ok());
    assert!(bench.server.world.lock().unwrap().lease.is_none());
}

#[test]
fn a_held_run_measures_again_when_it_is_resumed() {
    let mut bench = Bench::phase2(Script { added_us: 16_000, ..Script::default() });
    assert!(matches!(bench.go().unwrap(), End::Held { .. }));
    // Nothing has changed yet: it stays held, and is not driven again without a command.
    assert!(matches!(bench.go().unwrap(), End::Held { .. }));
    bench.server.world.lock().unwrap().script.added_us = 1000;
    let resume = Order { id: None, command: Command::Resume, by: "anna".to_owned() };
    assert_eq!(bench.go_with(&find_facts_rollout::ports::NoKill, vec![resume]).unwrap(), End::Completed);
    assert_eq!(exposed(&bench), 100.0);
}

#[test]
fn a_held_run_whose_tier_was_taken_away_meanwhile_is_not_called_complete() {
    let mut bench = Bench::phase2(Script { added_us: 16_000, ..Script::default() });
    bench.go().unwrap();
    bench.server.meddle("operator", FlagKey::Tier1EntityLinking, FlagState::default());
    bench.server.world.lock().unwrap().script.added_us = 1000;
    let resume = Order { id: None, command: Command::Resume, by: "anna".to_owned() };
    let end = bench.go_with(&find_facts_rollout::ports::NoKill, vec![resume]).unwrap();
    assert!(matches!(end, End::Aborted { .. }), "{end}");
}

#[test]
fn a_held_run_can_be_accepted_or_rolled_back() {
    for (command, share) in [(Command::Promote, 100.0), (Command::Rollback, 0.0)] {
        let mut bench = Bench::phase2(Script { added_us: 16_000, ..Script::default() });
        bench.go().unwrap();
        let order = Order { id: None, command, by: "anna".to_owned() };
        bench.go_with(&find_facts_rollout::ports::NoKill, vec![order]).unwrap();
        assert_eq!(exposed(&bench), share, "{command:?}");
    }
}

fn hold(server: &SimServer, run: &str, ttl_seconds: f64) {
    server.hold(&LeaseRequest { run: run.to_owned(), holder: "a test".to_owned(), ttl_seconds }).unwrap();
}

/// Gives orders from a list, one at every so many looks, and answers every pause with a resume.
struct Orders<'s> {
    server: &'s SimServer,
    looks: Cell<usize>,
    every: usize,
    commands: Vec<Command>,
}

impl KillPoint for Orders<'_> {
    fn reach(&self, point: Point<'_>) -> Result<(), Killed> {
        match point {
            Point::AfterEntry(Entry::Input(Input::Look(_))) => {
                let looks = self.looks.replace(self.looks.get() + 1);
                if let Some(command) =
                    self.commands.get(looks / self.every).filter(|_| looks.is_multiple_of(self.every))
                {
                    self.server.order(*command, "a test").unwrap();
                }
            }
            Point::AfterEntry(Entry::Input(Input::Command { command: Command::Pause, .. })) => {
                self.server.order(Command::Resume, "a test").unwrap();
            }
            _ => {}
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_operators_ask_exposure_grows_by_the_plan_or_goes_back(
        commands in prop::collection::vec(
            prop::sample::select(vec![Command::Pause, Command::Resume, Command::Promote, Command::Retry, Command::Abort]),
            0..8,
        ),
        every in 1usize..12,
    ) {
        let mut bench = Bench::phase2(Script::default());
        let server = bench.server.clone();
        let orders = Orders { server: &server, looks: Cell::new(0), every, commands: commands.clone() };
        let end = bench.go_with(&orders, Vec::new()).unwrap();
        let mut shares = crate::ends::shares(&bench);
        let back = matches!(end, End::Aborted { .. });
        prop_assert_eq!(back, shares.last() == Some(&0.0), "{:?}: {}", commands, end);
        if back {
            shares.pop();
        }
        let plan = [0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0];
        prop_assert!(plan.starts_with(&shares), "{:?}: {:?}", commands, shares);
    }
}
