//! The one table from what happened to the process's exit code. Each code is documented under `docs/reference/exit-codes.md`.

use std::process::ExitCode;

use find_facts_rollout::end::End;

/// How a command can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Done.
    Completed = 0,
    /// Something here is broken.
    Internal = 1,
    /// The command line or a file is wrong; nothing was tried.
    Usage = 2,
    /// The phase cannot begin; nothing was changed.
    Precondition = 3,
    /// Stopped at the level reached, or paused.
    Held = 4,
    /// Stopped before any caller was exposed.
    Stopped = 5,
    /// Went back to what was proven.
    RolledBack = 6,
    /// Ended by an operator.
    Aborted = 7,
    /// The server does not answer.
    Unreachable = 8,
    /// Another run holds the server.
    Busy = 9,
}

impl From<&End> for Exit {
    fn from(end: &End) -> Exit {
        match end {
            End::Completed => Exit::Completed,
            End::PreconditionFailed { .. } => Exit::Precondition,
            End::Held { .. } => Exit::Held,
            End::Stopped { .. } => Exit::Stopped,
            End::RolledBack { .. } => Exit::RolledBack,
            End::Aborted { .. } => Exit::Aborted,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
