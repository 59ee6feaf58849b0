//! Kill points, for tests that end a process where it hurts most. Only in builds with the feature `kill-points`.
//!
//! `FIND_FACTS_KILL_AT` sends SIGKILL at a point, given by its number in this process, from 1, or by its name: to this
//! process, or to the one that `FIND_FACTS_KILL_PID` names, after which the run goes on. `FIND_FACTS_KILL_TRACE=FILE` gets a
//! line for each point, its number and its name. No name comes twice in a process.

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
    at: Option<String>,
    victim: u32,
    trace: Option<PathBuf>,
    reached: Cell<u64>,
    /// The last act with an outcome: what looks at figures are told apart by.
    act: Cell<u64>,
    looks: Cell<u64>,
}

impl KillAt {
    /// Reads the environment. A point that never comes kills nobody.
    pub(super) fn from_environment() -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        Self {
            at: variable("FIND_FACTS_KILL_AT"),
            victim: variable("FIND_FACTS_KILL_PID")
                .and_then(|text| text.parse().ok())
                .unwrap_or_else(std::process::id),
            trace: variable("FIND_FACTS_KILL_TRACE").map(PathBuf::from),
            reached: Cell::new(0),
            act: Cell::new(0),
            looks: Cell::new(0),
        }
    }

    fn trace(&self, number: u64, name: &str) {
        let Some(path) = &self.trace else { return };
        let file = OpenOptions::new().create(true).append(true).open(path);
        let _for_people = file.and_then(|mut file| writeln!(file, "{number} {name}"));
    }

    fn name(&self, point: Point<'_>) -> String {
        match point {
            Point::BeforeEntry(entry) => format!("before {}", self.entry_name(entry)),
            Point::AfterEntry(entry) => format!("after {}", self.entry_name(entry)),
            Point::BeforeAct(act) => format!("before act {} of {}", act.number, act.step),
            Point::AfterAct(act) => format!("after act {} of {}", act.number, act.step),
        }
    }

    fn entry_name(&self, entry: &Entry) -> String {
        match entry {
            Entry::Opened(_) => "opened".to_owned(),
            Entry::Intent(act) => format!("intent {} of {}", act.number, act.step),
            Entry::Input(Input::Outcome { act, .. }) => format!("outcome {act}"),
            Entry::Input(Input::Look(_)) => {
                format!("look {} after outcome {}", self.looks.get(), self.act.get())
            }
            Entry::Input(Input::Command { .. }) => "command".to_owned(),
            Entry::Input(Input::Resumed { .. }) => "resumed".to_owned(),
        }
    }

    /// Counts looks from each outcome anew.
    fn count(&self, point: Point<'_>) {
        match point {
            Point::BeforeEntry(Entry::Input(Input::Look(_))) => self.looks.set(self.looks.get() + 1),
            Point::AfterEntry(Entry::Input(Input::Outcome { act, .. })) => {
                self.act.set(*act);
                self.looks.set(0);
            }
            _ => {}
        }
    }
}

impl KillPoint for KillAt {
    fn reach(&self, point: Point<'_>) -> Result<(), Killed> {
        self.count(point);
        let number = self.reached.get() + 1;
        self.reached.set(number);
        let name = self.name(point);
        self.trace(number, &name);
        if !self.at.as_ref().is_some_and(|at| *at == name || *at == number.to_string()) {
            return Ok(());
        }
        let killed = Command::new("sh").args(["-c", &format!("kill -KILL {}", self.victim)]).status();
        if self.victim == std::process::id() || !killed.is_ok_and(|status| status.success()) {
            return Err(Killed);
        }
        Ok(())
    }
}
