//! A change of the flags or of the tiers' parameters: who asks, what for, and how it can end.

use std::collections::BTreeMap;

use find_facts_api::admin::{FlagDocument, Lease, TierParams};
use find_facts_core::{FlagSet, Generation, Tier};
use serde_json::Value;

use crate::state::StateError;

/// Who asks for a write, as audit log and history will show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    /// The run that asks; an operator where absent.
    pub run: Option<String>,
    /// Method and path, such as `PUT /admin/v1/flags`.
    pub request: String,
    /// Makes the write safe to repeat.
    pub idempotency_key: Option<String>,
}

impl Writer {
    /// `operator`, or `run` and its id.
    pub fn by(&self) -> String {
        self.run.as_ref().map_or_else(|| "operator".to_owned(), |run| format!("run {run}"))
    }
}

/// What changes: flags and tiers' parameters as they stand, to be edited.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// Every flag's rule.
    pub flags: FlagSet,
    /// Parameters of the tiers that are to be initialised.
    pub tiers: BTreeMap<Tier, TierParams>,
}

/// A change that somebody asks for.
pub struct Change<'a> {
    /// Who.
    pub writer: &'a Writer,
    /// The generation that it was made for; any where absent.
    pub expect: Option<Generation>,
    /// What to answer when the same write comes again.
    pub answer_again: &'a dyn Fn(Generation) -> Value,
}

/// How a change ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Changed {
    /// There is a new generation.
    New(Generation),
    /// Everything was as asked already.
    Same(Generation),
    /// The write's idempotency key had been seen; this is its answer.
    Seen(Value),
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Another generation is in force than the one expected.
    #[error("the generation in force is {}, not the one expected", .0.generation)]
    Stale(Box<FlagDocument>),
    /// Another run holds the lease.
    #[error("run `{}` holds the server", .0.run)]
    Held(Lease),
    /// Nobody is there to be commanded.
    #[error("no run holds the server, and none was left unfinished")]
    NoRun,
    /// The idempotency key belongs to another write.
    #[error("the idempotency key was used for `{0}`")]
    KeyReused(String),
    /// The state cannot be read or written.
    #[error(transparent)]
    State(#[from] StateError),
}
