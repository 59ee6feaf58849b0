//! A folder with plans and runs, and deployctl called in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::CommandCargoExt;
use tempfile::TempDir;

use crate::fake::{Fake, Knobs};

const PHASE1: &str = r#"
name = "quick1"
title = "Infrastructure"
phase = 1
[environment]
facts = 1
available_memory_mb = 1
[models]
pull = ["minilm"]
within = "1m"
[impact]
seed = 1
blocks = 10
requests = 20
p50_ratio = 100.0
p95_ratio = 100.0
p50_tolerance = "1s"
p95_tolerance = "1s"
[lease]
ttl = "5m"
renew_every = "60s"
"#;

const PHASE2: &str = r#"
name = "quick2"
title = "Tier 1"
phase = 2
tier = "tier1"
check_every = "1s"
cannot_see = "30s"
[initialise]
model = "minilm"
min_confidence = 0.7
cache_size = 100
candidates = 5
similarity = 0.8
ready_within = "1m"
[suites]
seed = 1
rows = 100
[suites.unit]
file = "suite.jsonl"
right_above = 95
[suites.integration]
file = "suite.jsonl"
right_above = 90
[suites.performance]
file = "suite.jsonl"
p95_below = "5s"
rate = 100
[suites.acceptance]
file = "suite.jsonl"
improvement_above = 20
nothing_expected = 90
[suites.acceptance.floors]
case = 30
[limits]
error_rate = 5
p95 = "1s"
[[exposure]]
percentage = 100
watch = "1h"
extend = "1h"
min_samples = 100
[criteria]
p95_added_below = "1s"
pairs = 100
error_rate_below = 5
improvement_above = 25
reach = 100
[lease]
ttl = "5m"
renew_every = "60s"
"#;

/// Phase 3 of a tier that understands questions.
fn phase3() -> String {
    let tier2 = PHASE2
        .replace("quick2", "quick3")
        .replace(
            "title = \"Tier 1\"\nphase = 2\ntier = \"tier1\"",
            "title = \"Tier 2\"\nphase = 3\ntier = \"tier2\"",
        )
        .replace("suite.jsonl", "questions.jsonl")
        .replace("[initialise]\n", "[capacity]\navailable_memory_mb = 1000\n[initialise]\nload = true\n")
        .replace("case = 30", "question = 30");
    tier2.replace("p95 = \"1s\"\n", "p95 = \"1s\"\nmemory_mb = 2000\n")
}

pub(crate) struct World {
    folder: TempDir,
    pub(crate) fake: Fake,
}

impl World {
    pub(crate) fn new(knobs: Knobs) -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap(), fake: Fake::start(knobs) };
        let rows: String = (0..20)
            .map(|n| {
                format!(
                    "{{\"id\":\"{n}\",\"kind\":\"case\",\"mode\":\"entity_linked\",\"query\":{{\"subject\":\"TOWN {n}\",\
                     \"predicate\":\"lies in\"}},\"expect\":[{{\"subject\":\"Town {n}\",\"predicate\":\"lies in\",\
                     \"object\":\"Land\"}}]}}\n"
                )
            })
            .collect();
        std::fs::write(world.path("suite.jsonl"), rows).unwrap();
        let questions: String = (0..20)
            .map(|n| {
                format!(
                    "{{\"id\":\"{n}\",\"kind\":\"question\",\"text\":\"Where lies Town {n}?\",\
                     \"expect\":[{{\"subject\":\"Town {n}\",\"predicate\":\"lies in\",\"object\":\"Land\"}}]}}\n"
                )
            })
            .collect();
        std::fs::write(world.path("questions.jsonl"), questions).unwrap();
        std::fs::write(world.path("phase3.toml"), phase3()).unwrap();
        std::fs::write(world.path("phase1.toml"), PHASE1).unwrap();
        std::fs::write(world.path("phase2.toml"), PHASE2).unwrap();
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// deployctl with these arguments, in the world's folder and without the machine's environment.
    pub(crate) fn deployctl(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("deployctl").unwrap();
        command.args(["--server", &self.fake.url(), "--plans"]).arg(self.folder.path());
        command.arg("--runs").arg(self.path("runs")).args(arguments);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("FIND_FACTS_HOME", self.path("home")).current_dir(self.folder.path());
        command
    }

    /// Runs it to its end: exit code, standard output, standard error.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.deployctl(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    /// The folders of runs.
    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.path("runs")).into_iter().flatten().filter_map(Result::ok);
        entries.map(|entry| entry.path()).filter(|path: &PathBuf| Path::is_dir(path)).collect()
    }
}
