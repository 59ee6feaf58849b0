//! Every way in which a verb can fail that a person is meant to see, each with its exit code and what to do about it.

use std::path::PathBuf;

use find_facts_models::{CatalogueError, InvalidSetting, PinError, PullError, UnknownModel, VerifyError};
use find_facts_rollout::drive::DriveError;
use find_facts_rollout::journal::JournalError;
use find_facts_rollout::plan::Faults;
use find_facts_rollout::ports::PortError;
use find_facts_rollout::suite::RowFault;

use crate::client::CallError;
use crate::exit::Exit;

/// A verb failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The server did not answer, or said no.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The admin token cannot be read.
    #[error("the admin token file `{}` cannot be read", .path.display())]
    Token {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The admin token is no token.
    #[error("the admin token of `{place}` cannot be sent; accepted is one line of printable ASCII")]
    TokenText {
        /// The file or the variable.
        place: String,
    },
    /// The HTTP client cannot be built.
    #[error("this machine cannot speak HTTP")]
    Http(#[source] reqwest::Error),
    /// Signals cannot be listened to.
    #[error("signals cannot be listened to")]
    Signals(#[source] std::io::Error),
    /// A plan or a file that it names cannot be read.
    #[error("`{}` cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A plan is wrong.
    #[error(transparent)]
    Plan(#[from] Faults),
    /// There is no such plan.
    #[error("no plan is built in for phase {0}")]
    NoPlan(u8),
    /// A plan of another phase than the one asked for.
    #[error("`{}` is a plan of phase {of}, not of phase {asked}", .file.display())]
    OtherPhase {
        /// The plan's file.
        file: PathBuf,
        /// The phase that it is of.
        of: u8,
        /// The phase that was asked for.
        asked: u8,
    },
    /// A suite's file is wrong.
    #[error(transparent)]
    Suite(#[from] RowFault),
    /// A run's folder cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A run stopped without an end.
    #[error("run `{run}` has stopped and stays open")]
    Drive {
        /// The run.
        run: String,
        /// Why.
        #[source]
        source: DriveError,
    },
    /// A run was kept from its first step, and left nothing behind to go on with.
    #[error("the run did not begin, and left nothing behind")]
    NeverBegan(#[source] DriveError),
    /// This machine has no such run.
    #[error("`{}` has no run{}", .folder.display(), .run.as_ref().map(|run| format!(" `{run}`")).unwrap_or_default())]
    NoRun {
        /// The folder of runs.
        folder: PathBuf,
        /// Which was asked for.
        run: Option<String>,
    },
    /// An earlier run of another form of the plan has no end yet.
    #[error("run `{run}` of another form of this plan has no end yet")]
    Unfinished {
        /// The earlier run.
        run: String,
    },
    /// Nobody drives the run.
    #[error("run `{run}` has no end, and nobody goes on with it")]
    Abandoned {
        /// The run.
        run: String,
    },
    /// A variable means nothing.
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
    /// The catalogue cannot be used.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The catalogue has no such model.
    #[error(transparent)]
    UnknownModel(#[from] UnknownModel),
    /// A model was not pulled.
    #[error(transparent)]
    Pull(#[from] PullError),
    /// A model cannot be read.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// A model's digest was not recorded.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// The catalogue is the one built in, which has no file to record anything in.
    #[error("there is no catalogue file to record digests in")]
    NoCatalogueFile,
}

impl Failure {
    /// The process's exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Failure::Call(CallError::NoAnswer { .. }) => Exit::Unreachable,
            Failure::Call(CallError::Refused { problem, .. }) => match problem.code() {
                "lease-held" => Exit::Busy,
                _ => Exit::Precondition,
            },
            Failure::Drive { source, .. } | Failure::NeverBegan(source) => driven(source),
            Failure::Journal(JournalError::InUse { .. }) => Exit::Busy,
            Failure::Unfinished { .. } | Failure::Pull(_) | Failure::Pin(_) => Exit::Precondition,
            Failure::Abandoned { .. } => Exit::Held,
            Failure::Token { .. }
            | Failure::TokenText { .. }
            | Failure::Unreadable { .. }
            | Failure::Plan(_)
            | Failure::NoPlan(_)
            | Failure::OtherPhase { .. }
            | Failure::Suite(_)
            | Failure::NoRun { .. }
            | Failure::Setting(_)
            | Failure::Catalogue(_)
            | Failure::UnknownModel(_)
            | Failure::NoCatalogueFile => Exit::Usage,
            Failure::Http(_) | Failure::Signals(_) | Failure::Journal(_) | Failure::Verify(_) => {
                Exit::Internal
            }
        }
    }

    /// Its stable code, which is also the name of its page under `docs/errors/`, where it has one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Failure::Call(CallError::NoAnswer { .. }) => Some("server-unreachable"),
            Failure::Call(CallError::Refused { problem, .. }) => Some(problem.code()),
            Failure::Token { .. } | Failure::TokenText { .. } => Some("token-file"),
            Failure::Plan(_) => Some("plan-invalid"),
            Failure::Suite(_) => Some("suite-row-invalid"),
            Failure::Journal(error) => Some(error.code()),
            Failure::Drive { source, .. } | Failure::NeverBegan(source) => source.code(),
            Failure::NoRun { .. } => Some("run-not-found"),
            Failure::Unfinished { .. } => Some("run-unfinished"),
            Failure::Abandoned { .. } => Some("run-abandoned"),
            Failure::Setting(_) => Some("invalid-configuration"),
            Failure::Catalogue(_) => Some("model-catalogue-invalid"),
            Failure::UnknownModel(_) => Some("unknown-model"),
            Failure::Pull(error) => error.code(),
            Failure::Pin(error) => error.code(),
            Failure::NoCatalogueFile => Some("catalogue-file-missing"),
            Failure::Http(_)
            | Failure::Signals(_)
            | Failure::Unreadable { .. }
            | Failure::NoPlan(_)
            | Failure::OtherPhase { .. }
            | Failure::Verify(_) => None,
        }
    }

    /// What is wrong in particular, a line each.
    pub fn details(&self) -> Vec<String> {
        match self {
            Failure::Plan(faults) => faults.faults.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        }
    }

    /// What to do about it, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            Failure::Call(error) => call_hint(error),
            Failure::OtherPhase { file, of, .. } => {
                Some(format!("`deployctl phase{of} --plan {}` runs it", file.display()))
            }
            Failure::Drive { run, source } => {
                let goes_on = || format!("`deployctl resume {run}` goes on where it was");
                Some(drive_hint(source).map_or_else(goes_on, str::to_owned))
            }
            Failure::NeverBegan(DriveError::Unreachable(_)) => {
                Some("is the server running, and is --server its admin address?".to_owned())
            }
            Failure::NeverBegan(source) => drive_hint(source).map(str::to_owned),
            Failure::Journal(JournalError::InUse { .. }) => {
                Some("`deployctl attach` follows the run that is going on".to_owned())
            }
            Failure::NoRun { .. } => {
                Some("`deployctl history` lists this machine's runs; --runs names another folder".to_owned())
            }
            Failure::Unfinished { run } => Some(format!(
                "`deployctl resume {run}` goes on with it, `deployctl abort {run}` ends it and goes back"
            )),
            Failure::Abandoned { run } => Some(format!("`deployctl resume {run}` goes on with it")),
            Failure::Pull(error) => error.hint(),
            Failure::Pin(error) => error.hint(),
            Failure::NoCatalogueFile => {
                Some("name the folder with `models.toml` by --plans, or run it in the workspace".to_owned())
            }
            _ => None,
        }
    }
}

fn driven(error: &DriveError) -> Exit {
    match error {
        DriveError::Unreachable(_) => Exit::Unreachable,
        DriveError::LeaseHeld(_) | DriveError::Journal(JournalError::InUse { .. }) => Exit::Busy,
        DriveError::Refused(_) => Exit::Precondition,
        DriveError::Journal(JournalError::OtherPlan { .. }) => Exit::Usage,
        DriveError::Interrupted => Exit::Held,
        DriveError::Journal(_) | DriveError::Stuck(_) | DriveError::Killed(_) => Exit::Internal,
    }
}

fn call_hint(error: &CallError) -> Option<String> {
    match error {
        CallError::NoAnswer { server, .. } => Some(format!(
            "is the server running, and is `{server}` its admin address? --server names another"
        )),
        CallError::Refused { problem, .. } if problem.status == 401 => Some(TOKEN_HINT.to_owned()),
        CallError::Refused { call, problem } if problem.code() == "not-found" && call.contains("/admin/") => {
            Some("is --server its admin address, by default http://127.0.0.1:7071?".to_owned())
        }
        CallError::Refused { problem, .. } if problem.code() == "no-run" => {
            Some("`deployctl history` lists this machine's runs".to_owned())
        }
        CallError::Refused { .. } => None,
    }
}

const TOKEN_HINT: &str =
    "name the file with the admin token by --admin-token-file, or set FIND_FACTS_ADMIN_TOKEN";

fn drive_hint(error: &DriveError) -> Option<&'static str> {
    match error {
        DriveError::LeaseHeld(_) => Some(
            "wait for it to end, or end it with `deployctl abort`; a controller that has died loses the server when its \
             lease runs out",
        ),
        DriveError::Refused(PortError::Refused { code, .. }) if code == "token-required" => Some(TOKEN_HINT),
        _ => None,
    }
}
