//! How a run can end. What has no end here, such as a server out of reach, leaves the run open to be resumed.

use std::fmt;

use find_facts_api::rollout::RunStatus;
use serde::{Deserialize, Serialize};

/// The end of a run. A held run may be taken up again; the others are final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum End {
    /// Everything was done and shown.
    Completed,
    /// The phase cannot begin; nothing was changed.
    PreconditionFailed {
        /// Why.
        reason: String,
    },
    /// Stopped at the level reached, which stays, for a person to decide.
    Held {
        /// Why.
        reason: String,
    },
    /// Ended by a suite or a check before any caller was exposed.
    Stopped {
        /// Why.
        reason: String,
    },
    /// Went back to what was proven.
    RolledBack {
        /// Who decided it.
        by: RolledBackBy,
        /// Why.
        reason: String,
    },
    /// Ended by an operator.
    Aborted {
        /// Who, and how.
        reason: String,
    },
}

/// Who decided to roll back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RolledBackBy {
    /// Figures were shown to be above a limit of the plan.
    Harm,
    /// The step did not become healthy within its `extend`.
    NotEnoughData,
    /// No countable figures for longer than the plan allows.
    CannotSee,
    /// An act failed after callers were exposed.
    Failure,
    /// The server's own rules.
    Server,
    /// An operator's command.
    Operator,
}

impl End {
    /// The status that the server shows.
    pub fn status(&self) -> RunStatus {
        match self {
            End::Completed => RunStatus::Completed,
            End::Held { .. } => RunStatus::Held,
            End::PreconditionFailed { .. } | End::Stopped { .. } => RunStatus::Stopped,
            End::RolledBack { .. } => RunStatus::RolledBack,
            End::Aborted { .. } => RunStatus::Aborted,
        }
    }

    /// Why, where there is something to say.
    pub fn reason(&self) -> Option<&str> {
        match self {
            End::Completed => None,
            End::PreconditionFailed { reason }
            | End::Held { reason }
            | End::Stopped { reason }
            | End::RolledBack { reason, .. }
            | End::Aborted { reason } => Some(reason),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            End::Completed => "completed",
            End::PreconditionFailed { .. } => "precondition failed",
            End::Held { .. } => "held",
            End::Stopped { .. } => "stopped before exposure",
            End::RolledBack { .. } => "rolled back",
            End::Aborted { .. } => "ended by the operator",
        };
        f.write_str(name)?;
        self.reason().map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}
