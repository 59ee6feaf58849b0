//! Kill points, for tests that end a process where it hurts most. Only in builds with the feature `kill-points`.
//!
//! `FIND_FACTS_KILL_AT=N` sends SIGKILL at the N-th point, counted from 1: to this process, or to the one that
//! `FIND_FACTS_KILL_PID` names, after which the run goes on. `FIND_FACTS_KILL_TRACE=FILE` gets a line for each point.

use std::cell::Cell;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use find_facts_rollout::journal::Entry;
use find_facts_rollout::ports::{KillPoint, Killed, Point};
use find_facts_rollout::step::Input;

/// What the environment asks for.
#[derive(Debug)]
pub(super) struct KillAt {
    at: Option<u64>,
    victim: u32,
    trace: Option<PathBuf>,
    reached: Cell<u64>,
}

impl KillAt {
    /// Reads the environment. A number that is none kills nobody.
    pub(super) fn from_environment() -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        Self {
            at: variable("FIND_FACTS_KILL_AT").and_then(|text| text.parse().ok()),
            victim: variable("FIND_FACTS_KILL_PID")
                .and_then(|text| text.parse().ok())
                .unwrap_or_else(std::process::id),
            trace: variable("FIND_FACTS_KILL_TRACE").map(PathBuf::from),
            reached: Cell::new(0),
        }
    }

    fn trace(&self, number: u64, point: Point<'_>) {
        let Some(path) = &self.trace else { return };
        let file = OpenOptions::new().create(true).append(true).open(path);
        let _for_people = file.and_then(|mut file| writeln!(file, "{number} {}", name(point)));
    }
}

impl KillPoint for KillAt {
    fn reach(&self, point: Point<'_>) -> Result<(), Killed> {
        let number = self.reached.get() + 1;
        self.reached.set(number);
        self.trace(number, point);
        if self.at != Some(number) {
            return Ok(());
        }
        let killed = Command::new("sh").args(["-c", &format!("kill -KILL {}", self.victim)]).status();
        if self.victim == std::process::id() || !killed.is_ok_and(|status| status.success()) {
            return Err(Killed);
        }
        Ok(())
    }
}

fn name(point: Point<'_>) -> String {
    match point {
        Point::BeforeEntry(entry) => format!("before {}", entry_name(entry)),
        Point::AfterEntry(entry) => format!("after {}", entry_name(entry)),
        Point::BeforeAct(act) => format!("before act {} of {}", act.number, act.step),
        Point::AfterAct(act) => format!("after act {} of {}", act.number, act.step),
    }
}

fn entry_name(entry: &Entry) -> String {
    match entry {
        Entry::Opened(_) => "opened".to_owned(),
        Entry::Intent(act) => format!("intent {} of {}", act.number, act.step),
        Entry::Input(Input::Outcome { act, .. }) => format!("outcome {act}"),
        Entry::Input(Input::Look(_)) => "look".to_owned(),
        Entry::Input(Input::Command { .. }) => "command".to_owned(),
        Entry::Input(Input::Resumed { .. }) => "resumed".to_owned(),
    }
}
