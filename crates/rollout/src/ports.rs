//! What a run needs of the world, as traits: a real server behind HTTP, or a simulated one. All calls block.
//!
//! Invariant: every write carries a key, and the same key again answers with the first outcome and changes nothing.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use find_facts_api::admin::{
    FlagDocument, FlagHistory, FlagsWritten, KbSample, Lease, LeaseRequest, ModelList, MonitoringPart,
    ReloadRequest, ServerInfo, StoreSchema, TierAttempt,
};
use find_facts_api::rollout::{Command, PendingCommand, RolloutProgress};
use find_facts_api::suite::First;
use find_facts_core::{Clock, Expansion, Fact, HealthReport, Link, Mode, Parts, Without};

use crate::act::Numbered;
use crate::journal::{Entry, JournalError};
use crate::note::Note;

/// Why a call gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// No answer at all, or a server error: the same call may work later.
    #[error("the server did not answer `{call}`")]
    Unreachable {
        /// What was called.
        call: String,
        /// What stood in the way.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// The server understood and said no: the same call will not work later either.
    #[error("the server refused `{call}` with `{code}`: {detail}")]
    Refused {
        /// What was called.
        call: String,
        /// The stable code of its problem document, or the HTTP status where it sent none.
        code: String,
        /// What it said.
        detail: String,
    },
    /// Another run has the right to change the server.
    #[error("run `{}` of `{}` holds the server", .0.run, .0.holder)]
    LeaseHeld(Lease),
}

/// The outcome of a change to the flags.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// It is in force, from this call or from an earlier one with the same key.
    Written(FlagsWritten),
    /// Somebody else was first: the generation is not the expected one any more. Nothing was changed.
    Raced,
}

/// Flags and the parameters of tiers.
pub trait FlagSink {
    /// The generation in force.
    fn flags(&self) -> Result<FlagDocument, PortError>;

    /// Every stored generation, oldest first.
    fn history(&self) -> Result<FlagHistory, PortError>;

    /// Changes what is named, if the generation is the expected one.
    fn change(&self, request: &ReloadRequest, key: &str) -> Result<Change, PortError>;
}

/// Figures, and what the server says of itself.
pub trait MetricSource {
    /// The health report as of now.
    fn report(&self) -> Result<HealthReport, PortError>;

    /// What the server is and has.
    fn info(&self) -> Result<ServerInfo, PortError>;

    /// Looks at a part of monitoring, and says what it saw; a part that does not work is a refusal.
    fn look_at(&self, part: MonitoringPart) -> Result<String, PortError>;
}

/// The server's cache of models.
pub trait ModelControl {
    /// The catalogue, and what is there.
    fn models(&self) -> Result<ModelList, PortError>;

    /// Begins to pull a model, if it is not there and not on its way.
    fn pull(&self, id: &str, key: &str) -> Result<(), PortError>;

    /// Begins to bring a model into memory, if it is not there and not on its way.
    fn load(&self, id: &str, key: &str) -> Result<(), PortError>;
}

/// The server's knowledge base.
pub trait StoreControl {
    /// Brings the store's format up to the latest; nothing happens where it is.
    fn migrate(&self, key: &str) -> Result<StoreSchema, PortError>;

    /// Entities drawn by the seed, at most `n`.
    fn sample(&self, seed: u64, n: usize) -> Result<KbSample, PortError>;
}

/// A query asked as the operator: it exposes no caller and is in no window.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Ask {
    /// The parts given; empty for a question.
    pub parts: Parts,
    /// A plain question, instead of parts.
    pub text: Option<Arc<str>>,
    /// The mode to run, whatever the flags; as a caller's request without a mode where `None`.
    pub mode: Option<Mode>,
    /// Names to act as if unknown.
    pub without: Without,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Facts, best first.
    pub facts: Vec<Fact>,
    /// How mentions were understood; empty for exact answers.
    pub linked: Vec<Link>,
    /// How wordings of relations were understood, best first; empty for exact answers.
    pub expanded: Vec<Expansion>,
    /// A digest of the answer's bytes.
    pub digest: String,
    /// From the request's first byte to the answer's last, as the asker saw it.
    pub elapsed: Duration,
    /// The same as the server saw it, where a tier took part.
    pub at_server: Option<Duration>,
    /// The tiers that ran, and how that ended; empty where the server does not say.
    pub attempts: Vec<TierAttempt>,
}

impl Answer {
    /// What stands first in it.
    pub fn first(&self) -> First<'_> {
        First { fact: self.facts.first(), link: self.linked.first(), expansion: self.expanded.first() }
    }
}

/// Asks.
pub trait Probe {
    /// Asks one query.
    fn ask(&self, ask: &Ask) -> Result<Answer, PortError>;
}

/// The right to change the server.
pub trait LeaseKeeper {
    /// Takes the lease, renews it, takes it over from the same run's earlier process, or gives it back.
    fn hold(&self, request: &LeaseRequest) -> Result<Lease, PortError>;
}

/// Where a run shows how it stands, and where orders for it arrive.
pub trait Board {
    /// Shows how the run stands; commands up to `acknowledge` are forgotten.
    fn show(&self, progress: &RolloutProgress, acknowledge: u64) -> Result<(), PortError>;

    /// Commands that wait, oldest first.
    fn commands(&self) -> Result<Vec<PendingCommand>, PortError>;

    /// Leaves a command for the run that holds the lease.
    fn order(&self, command: Command, by: &str) -> Result<(), PortError>;
}

/// Everything that a server is to a run.
pub trait Server:
    FlagSink + MetricSource + ModelControl + StoreControl + Probe + LeaseKeeper + Board
{
}

impl<T: FlagSink + MetricSource + ModelControl + StoreControl + Probe + LeaseKeeper + Board> Server for T {}

/// A clock that can be waited on.
pub trait Timer: Clock {
    /// Returns after this long.
    fn sleep(&self, length: Duration);
}

/// Where a run's entries go.
pub trait RunLog {
    /// Writes an entry; it is durable when this returns.
    fn append(&mut self, time: SystemTime, entry: &Entry) -> Result<(), JournalError>;
}

/// Hears what happens, for people and for `--json`. Nothing depends on it.
pub trait Audience {
    /// Takes note.
    fn hear(&self, note: &Note);
}

/// A place at which a test may end the process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Point<'a> {
    /// Before a line is written to the journal.
    BeforeEntry(&'a Entry),
    /// After it has become durable.
    AfterEntry(&'a Entry),
    /// Before an act is done.
    BeforeAct(&'a Numbered),
    /// After it is done, and before its outcome is in the journal.
    AfterAct(&'a Numbered),
}

/// The test ended the process here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("killed by a test")]
pub struct Killed;

/// Called at every point at which a kill has to be survived. In a real process it never comes back.
pub trait KillPoint {
    /// The run is at this point.
    fn reach(&self, point: Point<'_>) -> Result<(), Killed>;
}

/// Nobody kills.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKill;

impl KillPoint for NoKill {
    fn reach(&self, _: Point<'_>) -> Result<(), Killed> {
        Ok(())
    }
}
