//! The admin listener's documents.
//!
//! Every write may carry an `Idempotency-Key` header: the same key again answers with the first outcome and changes nothing.
//! Writes to the flags carry the generation they expect, in the body or as `If-Match`; a lost race is a 412 whose problem
//! document has the current state under `current`.

mod events;
mod faults;
mod flags;
mod info;
mod kb;
mod lease;
mod models;
mod tiers;

pub use events::{AuditEntry, AuditList, Event, EventKind, EventList};
pub use faults::{Fault, FaultKind, Faults};
pub use flags::{
    FlagDocument, FlagHistory, FlagsWrite, FlagsWritten, GenerationRecord, ReloadRequest, RollbackRequest,
};
pub use info::{MonitoringPart, ServerInfo};
pub use kb::{FactsWrite, FactsWritten, KbSample, OperatorExtras, SampledEntity, StoreSchema};
pub use lease::{Lease, LeaseRequest};
pub use models::{ModelList, ModelMemory, ModelState, ModelStatus, PullRequest};
pub use tiers::{TierAttempt, TierParams, TierWritten};

/// The header of an operator's answer that says which tiers ran, as a JSON list of [`TierAttempt`]: the body says nothing of a
/// tier that failed and left the answer to legacy.
pub const ATTEMPTS: &str = "x-tier-attempts";

/// The header that makes a write safe to repeat.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The header by which a run says that a write is its own. A run's writes are refused with a 409 while another run holds
/// the lease; writes without it are an operator's and always pass, because the red button has to work.
pub const RUN_ID: &str = "x-run-id";
