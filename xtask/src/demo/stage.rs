//! Where the demo plays: fresh folders, free ports, and the programs with the arguments that the demo gives them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::server::{Process, Server, bound, serve_demo};
use crate::setup::{demo_kb, programs, vectors};
use crate::shell::{home, line, root, run};

/// The rehearsal's waiting times are the plan's divided by this: a day becomes half a minute.
pub(super) const TIME_SCALE: &str = "2880";

/// A rate that leaves a laptop's two cores half idle, so that latencies are the service's and not the queue's.
const REQUESTS_PER_SECOND: &str = "250";

/// How a run of deployctl ends, with its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Completed = 0,
    RolledBack = 6,
}

/// Everything here is the demo's alone; it is emptied at its start and kept after its end, for a look at the logs.
pub(super) struct Stage {
    pub(super) folder: PathBuf,
    pub(super) server: Server,
}

impl Stage {
    /// Empties the folder and starts the server on a state that knows nothing but the vectors of its names.
    pub(super) fn open() -> Result<(Self, Process)> {
        let folder = home().join("demo/last");
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot empty `{}`", folder.display()))?;
        }
        let state = folder.join("state");
        vectors::copy_to(&state)?;
        let (server, process) = serve_demo(&state, &folder.join("server.log"))?;
        Ok((Self { folder, server }, process))
    }

    /// Starts the callers. They stop when told to, and at the latest after twenty minutes.
    pub(super) fn traffic(&self) -> Result<Process> {
        let mut command = bound(&programs::path("loadgen")?);
        command.args(["--target", &self.server.public, "--rate", REQUESTS_PER_SECOND, "--seconds", "1200"]);
        // More of what legacy cannot answer than production has, so that a canary of 5 % has something to count.
        command.args(["--mix", "exact=40,alias=25,typo=20,unknown=5,question=10", "--json"]);
        command.arg("--questions").arg(root().join("deploy-plans/demo/questions.jsonl"));
        command.arg("--kb").arg(demo_kb::folder()).arg("--record").arg(self.record());
        Process::start(&mut command, &self.traffic_summary())
    }

    /// What each caller saw.
    pub(super) fn record(&self) -> PathBuf {
        self.folder.join("callers.jsonl")
    }

    /// The callers' own summary.
    pub(super) fn traffic_summary(&self) -> PathBuf {
        self.folder.join("traffic.json")
    }

    /// deployctl, as an operator of this server would call it.
    pub(super) fn deployctl(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = bound(&programs::path("deployctl")?);
        command.args(["--server", &self.server.admin]).arg("--runs").arg(self.folder.join("runs"));
        command.args(arguments);
        Ok(command)
    }

    /// The report of the last run.
    pub(super) fn report(&self) -> Result<Value> {
        let folder = self.folder.join("report");
        run(self.deployctl(&["report", "--out"])?.arg(&folder))?;
        let path = folder.join("report.json");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("`{}` is no JSON", path.display()))
    }

    /// Runs one of the demo's plans where the reader can watch it. Another end than the wanted one is an error.
    pub(super) fn phase(&self, verb: &str, wanted: End) -> Result<()> {
        let plan = root().join(format!("deploy-plans/demo/{verb}.toml"));
        let plan = plan.to_string_lossy();
        let mut command = self.deployctl(&[verb, "--plan", &plan, "--time-scale", TIME_SCALE])?;
        let status = command.status().with_context(|| format!("`{}` did not start", line(&command)))?;
        if status.code() != Some(wanted as i32) {
            bail!("`deployctl {verb}` ended with {status}, not as {wanted:?} (exit code {})", wanted as i32);
        }
        Ok(())
    }
}
