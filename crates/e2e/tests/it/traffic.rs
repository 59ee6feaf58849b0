//! Traffic beside a rollout: callers who ask for names, and where Tier 2 is to show itself, loadgen with questions.

use std::fs::{self, File};
use std::process::Command;

use find_facts_core::Tier;
use find_facts_loadgen::{Fault, Kind, Seen, Summary};

use crate::callers::Callers;
use crate::knowledge;
use crate::process::Process;
use crate::programs::program;
use crate::server::{Server, World, clean};

/// Longer than any test; traffic ends when it is told to.
const SECONDS: &str = "3600";

/// The traffic of a phase.
pub(crate) enum Traffic {
    Names(Callers),
    Questions(Questions),
}

/// loadgen at work.
pub(crate) struct Questions {
    process: Process,
    folder: std::path::PathBuf,
}

impl Traffic {
    /// Begins what a phase needs. Phase 3's server has Tier 1 already.
    pub(crate) fn of_phase(number: usize, world: &World, server: &Server) -> Self {
        if number < 3 {
            return Self::Names(Callers::begin(server));
        }
        server.await_ready(Tier::Tier1);
        knowledge::write_questions(&world.path("questions.jsonl"));
        // A tenth of the callers has to meet the least sample of a window of five seconds.
        Self::Questions(Questions::begin(world, server, "exact=20,alias=20,typo=10,question=50", 120))
    }

    /// Stops it. Every request was answered, and as legacy would have, or better.
    pub(crate) fn end(self) {
        match self {
            Self::Names(callers) => drop(callers.end()),
            Self::Questions(questions) => {
                let summary = questions.end();
                assert_eq!(summary.faults, 0, "{summary}");
                assert!(summary.kinds[&Kind::Question].enhanced > 0, "{summary}");
            }
        }
    }

    /// The same where the server died meanwhile, and took with it what it had not answered.
    pub(crate) fn end_beside_deaths(self) {
        match self {
            Self::Names(callers) => drop(callers.end_beside_deaths()),
            Self::Questions(questions) => questions.end_beside_deaths(),
        }
    }
}

impl Questions {
    /// Begins; the rows lie in `questions.jsonl`.
    pub(crate) fn begin(world: &World, server: &Server, mix: &str, rate: u32) -> Self {
        let folder = world.path(".");
        let mut command: Command = clean(&program("loadgen"), world);
        command.arg("--kb").arg(world.path("kb")).arg("--target").arg(format!("http://{}", server.public));
        command.args(["--mix", mix, "--questions", "questions.jsonl", "--rate", &rate.to_string()]);
        command.args(["--seconds", SECONDS, "--record", "seen.jsonl", "--json"]);
        let file = |name| File::create(world.path(name)).unwrap();
        command.stdout(file("summary.json")).stderr(file("loadgen.log"));
        Self { process: Process(command.spawn().unwrap()), folder }
    }

    /// Stops it, and gives what the callers saw.
    pub(crate) fn end(mut self) -> Summary {
        self.process.signal("TERM");
        let read = |name: &str| fs::read_to_string(self.folder.join(name)).unwrap();
        let status = self.process.ends_within(std::time::Duration::from_secs(30));
        let (summary, log) = (read("summary.json"), read("loadgen.log"));
        assert!(status.is_some(), "loadgen does not end: {log}");
        serde_json::from_str(&summary).unwrap_or_else(|error| panic!("{error}: {summary}{log}"))
    }

    fn end_beside_deaths(self) {
        let record = self.folder.join("seen.jsonl");
        drop(self.end());
        let record = fs::read_to_string(record).unwrap();
        let seen = record.lines().map(|line| serde_json::from_str::<Seen>(line).unwrap());
        let faults = seen.filter_map(|seen| seen.fault);
        let others: Vec<Fault> = faults.filter(|fault| !matches!(fault, Fault::NoAnswer { .. })).collect();
        assert!(others.is_empty(), "{others:?}");
    }
}
