//! The ports of a rollout, served by a real server's admin listener. Each file holds one concern; none decides anything.

mod board;
mod flags;
mod lease;
mod metrics;
mod models;
mod probe;
mod store;

use find_facts_rollout::ports::PortError;

use crate::client::{AdminClient, CallError};

/// A running server, as a run sees it.
#[derive(Debug)]
pub struct AdminServer {
    client: AdminClient,
    run: String,
    accept_licence: bool,
}

impl AdminServer {
    /// The server behind `client`, for one run.
    pub fn new(client: &AdminClient, run: &str) -> Self {
        Self { client: client.for_run(run), run: run.to_owned(), accept_licence: false }
    }

    /// The same, with the operator's word that the licences of models to be pulled are accepted, or are not.
    #[must_use]
    pub fn accepting_licences(self, accept_licence: bool) -> Self {
        Self { accept_licence, ..self }
    }
}

impl From<CallError> for PortError {
    fn from(error: CallError) -> PortError {
        match error {
            CallError::NoAnswer { server, call, source } => {
                PortError::Unreachable { call: format!("{call} at {server}"), source }
            }
            CallError::Refused { call, problem } => {
                PortError::Refused { call, code: problem.code().to_owned(), detail: problem.detail.clone() }
            }
        }
    }
}
