//! What happened, and who did what.

use find_facts_core::health::TierState;
use find_facts_core::rollback::Severity;
use find_facts_core::{Generation, KbVersion, Tier};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Lease;

/// Something that happened, as `GET /admin/v1/events` streams it. The number is the stream's event id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Grows by one.
    pub id: u64,
    /// When, unix milliseconds.
    pub time_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// A new generation of the flags.
    FlagsChanged {
        /// Its number.
        generation: Generation,
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// Tiers were switched off for their figures, or by an operator.
    RolledBack {
        /// The generation that has them off.
        generation: Generation,
        /// The rule's stable name; `operator` for a person.
        rule: String,
        /// What was switched off.
        disabled: Vec<Tier>,
        /// The figures, in a sentence.
        reason: String,
        /// How loudly it was said.
        severity: Severity,
        /// The figures themselves.
        figures: Value,
    },
    /// A breaker opened.
    BreakerOpened {
        /// Whose.
        tier: Tier,
        /// The figures, in a sentence.
        reason: String,
    },
    /// A breaker closed.
    BreakerClosed {
        /// Whose.
        tier: Tier,
    },
    /// A tier's state changed.
    TierChanged {
        /// Which.
        tier: Tier,
        /// Where it stands now.
        state: TierState,
        /// Why.
        reason: String,
    },
    /// The configuration was read again and refused.
    ReloadRefused {
        /// Path and reason of each fault.
        faults: Vec<String>,
    },
    /// The knowledge base changed.
    FactsChanged {
        /// The version that has the change.
        version: KbVersion,
    },
    /// A lease was taken, or ended.
    LeaseChanged {
        /// The lease, or none.
        lease: Option<Lease>,
    },
    /// The process that ran a language model ended though it was wanted, or could not be started again.
    WorkerDied {
        /// The model's key in the catalogue.
        model: String,
        /// How it ended.
        reason: String,
        /// The next one is started after so many milliseconds.
        rest_ms: u64,
    },
    /// A language model whose worker had died is in memory again.
    WorkerReturned {
        /// Its key in the catalogue.
        model: String,
        /// Milliseconds from the start of the process.
        load_ms: u64,
    },
}

/// `GET /admin/v1/events?since=N` with `Accept: application/json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventList {
    /// Events after `since`, oldest first.
    pub events: Vec<Event>,
}

/// `GET /admin/v1/audit?since=N`: who changed what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditList {
    /// Entries after `since`, oldest first.
    pub entries: Vec<AuditEntry>,
}

/// One change, or one attempt at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Grows by one.
    pub id: u64,
    /// When, unix milliseconds.
    pub time_ms: u64,
    /// Who: `operator`, `run <id>`, or `rollback`.
    pub who: String,
    /// What, such as `PUT /admin/v1/flags`.
    pub what: String,
    /// From which address; absent for the server itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// How it ended: an HTTP status, or what was done.
    pub outcome: String,
}
