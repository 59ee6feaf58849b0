//! The admin listener's documents.
//!
//! Every write may carry an `Idempotency-Key` header: the same key again answers with the first outcome and changes nothing.
//! Writes to the flags carry the generation they expect, in the body or as `If-Match`; a lost race is a 412 whose problem
//! document has the current state under `current`.

use std::collections::BTreeMap;
use std::sync::Arc;

use find_facts_core::health::TierState;
use find_facts_core::rollback::Severity;
use find_facts_core::{Fact, FlagSet, Generation, KbVersion, Part, Tier, Without};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The header that makes a write safe to repeat.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The header by which a run says that a write is its own. A run's writes are refused with a 409 while another run holds
/// the lease; writes without it are an operator's and always pass, because the red button has to work.
pub const RUN_ID: &str = "x-run-id";

/// `GET /admin/v1/flags`: one immutable generation. The generation is also the ETag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlagDocument {
    /// Its number.
    pub generation: Generation,
    /// Every flag's rule.
    pub flags: FlagSet,
    /// Parameters of the tiers that are initialised in this generation.
    #[serde(default)]
    pub tiers: BTreeMap<Tier, TierParams>,
    /// Why a tier is off that this generation has on; empty when nothing masks it.
    #[serde(default)]
    pub masks: Vec<String>,
}

/// `PUT /admin/v1/flags`, with `If-Match`: replaces every flag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagsWrite {
    /// Every flag's rule; one that is absent is off.
    pub flags: FlagSet,
}

/// `POST /admin/v1/reload` with a body: changes what is named and keeps the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReloadRequest {
    /// The generation that this change was made for.
    pub expect_generation: Generation,
    /// Flags to replace; one that is absent stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<FlagSet>,
    /// Tiers to initialise with these parameters, or with `null` to remove.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiers: Option<BTreeMap<Tier, Option<TierParams>>>,
}

/// The outcome of a write to the flags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlagsWritten {
    /// The generation in force for this write.
    pub generation: Generation,
    /// `false` where nothing had to change, or where this idempotency key had been seen.
    pub changed: bool,
}

/// `GET /admin/v1/flags/history`: every stored generation, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlagHistory {
    /// The generations.
    pub generations: Vec<GenerationRecord>,
}

/// A stored generation and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenerationRecord {
    /// Its number.
    pub generation: Generation,
    /// Every flag's rule.
    pub flags: FlagSet,
    /// Parameters of the tiers initialised in it.
    pub tiers: BTreeMap<Tier, TierParams>,
    /// Who: `configuration`, `operator`, `rollback`, or `run <id>`.
    pub by: String,
    /// Why, in a few words.
    pub reason: String,
    /// When, unix milliseconds.
    pub time_ms: u64,
    /// The write's idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// `POST /admin/v1/tiers/{tier}`: how to initialise a tier. What is absent takes the tier's default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierParams {
    /// Key in the model catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Nothing is answered below this confidence, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_confidence: Option<f32>,
    /// How many answers the cache holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_size: Option<usize>,
    /// How many candidates are considered for a mention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidates: Option<usize>,
    /// The least cosine at which two vectors count as similar, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f32>,
}

/// The outcome of a write to a tier: its initialisation goes on in the background.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TierWritten {
    /// The generation that holds the parameters.
    pub generation: Generation,
    /// Where the tier stands.
    pub state: TierState,
}

/// `GET /admin/v1/models`: the catalogue and what the server's cache holds of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelList {
    /// Every model of the catalogue.
    pub models: Vec<ModelStatus>,
}

/// One model of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelStatus {
    /// Its key in the catalogue.
    pub id: String,
    /// Its licence, as an SPDX expression or a name.
    pub licence: String,
    /// What the server's cache holds of it.
    pub state: ModelState,
    /// Bytes that are there.
    pub bytes: u64,
    /// Bytes that there will be, once known.
    pub total_bytes: Option<u64>,
    /// Whether every file has a digest in the catalogue.
    pub pinned: bool,
    /// Why the last pull failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What a cache holds of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelState {
    /// Nothing.
    Absent,
    /// Being pulled.
    Pulling,
    /// All of it, with the digests the catalogue asks for.
    Verified,
    /// All of it, but the catalogue has no digest to hold it against.
    Unpinned,
    /// The last pull failed.
    Failed,
}

/// `POST /admin/v1/find_facts`: as the public one, but the named mode runs whatever the flags say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OperatorExtras {
    /// Names to act as if the knowledge base did not know them.
    #[serde(default, skip_serializing_if = "Without::is_empty")]
    pub without: Without,
}

/// `POST /admin/v1/facts`: applied as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactsWrite {
    /// Facts to add; one that is there counts once.
    #[serde(default)]
    pub add: Vec<Fact>,
    /// Facts to remove, with all their validities; one that is not there is no error.
    #[serde(default)]
    pub remove: Vec<Fact>,
}

/// The outcome of a write of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsWritten {
    /// The version that has the change.
    pub version: KbVersion,
    /// How many were not there before.
    pub added: usize,
    /// How many were there before.
    pub removed: usize,
}

/// `GET /admin/v1/info`: what this server is and what it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerInfo {
    /// The server's own version.
    pub version: String,
    /// Parts of monitoring that are there; Phase 1 checks these and no others.
    pub monitoring: Vec<MonitoringPart>,
    /// The store's format.
    pub store: StoreSchema,
}

/// A part of monitoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MonitoringPart {
    /// `GET /metrics` answers in the Prometheus text format.
    Metrics,
    /// Alerts are raised; at least to the log.
    Alerts,
    /// `GET /dashboard` answers with a page.
    Dashboard,
}

/// The store's format on disk, and the one this server writes. Also the answer to `POST /admin/v1/store/migrate`,
/// which brings the first up to the second; where they are equal it changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreSchema {
    /// The format of what is on disk.
    pub version: u32,
    /// The format that this server writes.
    pub latest: u32,
}

/// `GET /admin/v1/kb/sample?seed=N&n=N`: entities drawn by the seed, each with a query that it answers, for suites made
/// from the knowledge base. The same seed and version give the same sample; fewer than `n` means there are no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KbSample {
    /// The version that was drawn from.
    pub version: KbVersion,
    /// The entities, all different.
    pub entities: Vec<SampledEntity>,
}

/// An entity, and a query of one part and a predicate that finds facts about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampledEntity {
    /// The name in the facts.
    pub name: Arc<str>,
    /// Other names that the knowledge base knows for it and for no other entity.
    pub aliases: Vec<Arc<str>>,
    /// Where the name stands in `facts`: subject or object.
    pub part: Part,
    /// Every fact that has the name in this part and one and the same predicate; 1 to 100 of them.
    pub facts: Vec<Fact>,
}

/// `POST /admin/v1/rollback`: switches tiers off, now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackRequest {
    /// This tier and those above it; all of them where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// Why; kept with the event.
    #[serde(default)]
    pub reason: String,
}

/// `PUT /admin/v1/lease`: takes, renews or, with `ttl_seconds` 0, gives back the right to change the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaseRequest {
    /// The run that holds it. The same run from another process takes it over.
    pub run: String,
    /// Host and process, for people.
    pub holder: String,
    /// For how long.
    pub ttl_seconds: f64,
}

/// A lease in force; also the member `current` of the 409 that another run gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lease {
    /// The run that holds it.
    pub run: String,
    /// Host and process, for people.
    pub holder: String,
    /// When it ends, unix milliseconds.
    pub expires_ms: u64,
}

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

/// `GET/PUT /admin/v1/faults`, where the `[faults]` section allows it: what to do to requests of a tier.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// The faults in force.
    pub faults: Vec<Fault>,
}

/// A fault done to a share of a tier's runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Whose runs.
    pub tier: Tier,
    /// What is done to them.
    pub kind: FaultKind,
    /// Which share of them, 0 to 1.
    pub share: f64,
}

/// What a fault does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// The tier returns an error.
    Error,
    /// The tier panics.
    Panic,
    /// The tier takes this much longer.
    Latency {
        /// Milliseconds.
        ms: u64,
    },
    /// The tier answers with this fact, which is wrong.
    WrongAnswer {
        /// The text it puts in place of the object.
        object: Arc<str>,
    },
    /// The process holds this much more memory, as long as the fault is in force.
    Memory {
        /// Bytes.
        bytes: u64,
    },
}
