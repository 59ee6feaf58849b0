//! What a simulated run needs, and the ways in which tests start one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use find_facts_core::Tier;
use find_facts_rollout::drive::{DriveError, Order, Run, World, drive};
use find_facts_rollout::end::End;
use find_facts_rollout::journal::{Entry, JournalError, Opened};
use find_facts_rollout::note::Note;
use find_facts_rollout::plan::{Known, PlanSource};
use find_facts_rollout::ports::{Audience, KillPoint, NoKill, RunLog};
use find_facts_rollout::scale::TimeScale;
use find_facts_rollout::schedule::Schedule;
use find_facts_testkit::VirtualClock;

use crate::sim::{Knowledge, Script, SimServer};

static KNOWLEDGE: LazyLock<Arc<Knowledge>> = LazyLock::new(|| Knowledge::new(150));

/// A journal in memory: an entry is there, or it is not.
#[derive(Default)]
pub(crate) struct MemoryLog(pub(crate) Vec<Entry>);

impl RunLog for MemoryLog {
    fn append(&mut self, _: SystemTime, entry: &Entry) -> Result<(), JournalError> {
        self.0.push(entry.clone());
        Ok(())
    }
}

/// Keeps what was said.
#[derive(Default)]
pub(crate) struct Ears(pub(crate) RefCell<Vec<Note>>);

impl Audience for Ears {
    fn hear(&self, note: &Note) {
        self.0.borrow_mut().push(note.clone());
    }
}

/// A server, a plan, and what the run has written so far.
pub(crate) struct Bench {
    pub(crate) server: SimServer,
    pub(crate) schedule: Schedule,
    pub(crate) opened: Opened,
    pub(crate) log: MemoryLog,
    pub(crate) ears: Ears,
}

/// A shipped plan, made small enough for hundreds of runs: fewer rows, pairs and samples, the same steps.
pub(crate) fn small(phase: u8) -> String {
    let shipped = PlanSource::shipped(phase).unwrap().text;
    shipped
        .replace("rows = 400", "rows = 100")
        .replace("pairs = 1000", "pairs = 100")
        .replace("min_samples = 1000", "min_samples = 50")
        .replace("requests = 200", "requests = 20")
}

impl Bench {
    pub(crate) fn of(text: &str, scale: f64, script: Script) -> Self {
        let source = PlanSource::new("test", text);
        let plan = source.check(&Known::default()).unwrap();
        let scale = TimeScale::try_from(scale).unwrap();
        let opened = Opened {
            run: "r1".to_owned(),
            plan: plan.name().to_owned(),
            phase: plan.phase(),
            digest: source.digest(),
            time_scale: scale,
            holder: "a test".to_owned(),
            accept_licence: false,
        };
        let clock = Arc::new(VirtualClock::new());
        Self {
            server: SimServer::new(clock, KNOWLEDGE.clone(), script),
            schedule: Schedule::new(plan, scale),
            opened,
            log: MemoryLog::default(),
            ears: Ears::default(),
        }
    }

    /// Phase 2 with its waiting times divided by 2880: 30 s at 5 %, 5 s at every other step.
    pub(crate) fn phase2(script: Script) -> Self {
        Self::of(&small(2), 2880.0, script)
    }

    /// Phase 3 as scaled: 60 s at 1 % after 5 s to settle, 7.5 s at every other step.
    pub(crate) fn phase3(script: Script) -> Self {
        Self::of(&small(3), 2880.0, Script { tier: Tier::Tier2, ..script })
    }

    pub(crate) fn phase1(script: Script) -> Self {
        Self::of(&small(1), 1.0, script)
    }

    /// Starts the run, or goes on with it, as a new process would.
    pub(crate) fn go(&mut self) -> Result<End, DriveError> {
        self.go_with(&NoKill, Vec::new())
    }

    pub(crate) fn go_with(&mut self, kills: &dyn KillPoint, orders: Vec<Order>) -> Result<End, DriveError> {
        let past = self.log.0.clone();
        let run = Run { opened: &self.opened, schedule: &self.schedule, suites: &BTreeMap::new() };
        let world = World {
            server: &self.server,
            timer: &self.server,
            audience: &self.ears,
            kills,
            interrupted: &AtomicBool::new(false),
        };
        drive(run, world, &mut self.log, &past, orders)
    }

    /// Notes of one kind, as text.
    pub(crate) fn heard(&self, wanted: &str) -> Vec<String> {
        let notes = self.ears.0.borrow();
        let texts = notes.iter().map(|note| serde_json::to_string(note).unwrap());
        texts.filter(|text| text.contains(&format!("\"note\":\"{wanted}\""))).collect()
    }
}
