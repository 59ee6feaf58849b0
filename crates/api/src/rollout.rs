//! `GET/PUT /admin/v1/rollout`: what the controller last reported, and the commands that wait for it.

use find_facts_core::{Percent, Tier};
use serde::{Deserialize, Serialize};

/// The server's view of the rollout.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RolloutState {
    /// What the controller last reported; none before the first run.
    pub progress: Option<RolloutProgress>,
    /// Commands that wait for the controller, oldest first.
    #[serde(default)]
    pub commands: Vec<PendingCommand>,
}

/// A controller's report of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolloutProgress {
    /// The run.
    pub run: String,
    /// Name of its plan.
    pub plan: String,
    /// Phase number of the plan.
    pub phase: u8,
    /// The tier whose percentage moves, if any.
    pub tier: Option<Tier>,
    /// The step it is at.
    pub step: String,
    /// How the run stands.
    pub status: RunStatus,
    /// Share of callers exposed.
    pub percentage: Option<Percent>,
    /// Observed seconds of the current window, and how many it takes.
    pub observed_seconds: Option<[f64; 2]>,
    /// The last verdict, in a sentence.
    pub verdict: Option<String>,
    /// Waiting times are divided by this; 1 for the real thing.
    pub time_scale: f64,
    /// When it was reported, unix milliseconds.
    pub time_ms: u64,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Going on.
    Running,
    /// Stopped by an operator until resumed.
    Paused,
    /// Stopped by its plan at the level reached.
    Held,
    /// Ended well.
    Completed,
    /// Ended by a suite or a check before any caller was exposed.
    Stopped,
    /// Ended by going back to what was proven.
    RolledBack,
    /// Ended by an operator.
    Aborted,
}

/// What an operator can ask of a controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Stop the clock of the current window.
    Pause,
    /// Go on.
    Resume,
    /// End the current wait as if it had passed.
    Promote,
    /// Do the current step again from its beginning.
    Retry,
    /// End the run as an operator's decision, and go back to what was proven.
    Abort,
    /// Go back to what was proven, as if the figures had asked for it.
    Rollback,
}

/// A command on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingCommand {
    /// Grows by one; the controller acknowledges up to a number.
    pub id: u64,
    /// What is asked.
    pub command: Command,
    /// The run it is meant for.
    pub run: String,
    /// Who asked.
    pub by: String,
}

/// `PUT /admin/v1/rollout`: a controller reports, or an operator asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "write", rename_all = "snake_case", deny_unknown_fields)]
pub enum RolloutWrite {
    /// The controller's report; commands up to `acknowledge` are forgotten.
    Report {
        /// The report.
        progress: RolloutProgress,
        /// Number of the last command it has taken up.
        acknowledge: u64,
    },
    /// An operator's command for the run that holds the lease.
    Command {
        /// What is asked.
        command: Command,
        /// Who asks.
        by: String,
    },
}
