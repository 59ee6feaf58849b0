//! What a run can do to a server or ask of it, and what can come of it. The words of the journal: added to, never changed.

use find_facts_api::admin::{
    FlagDocument, FlagsWritten, GenerationRecord, MonitoringPart, ReloadRequest, StoreSchema,
};
use find_facts_core::health::WindowSettings;
use find_facts_core::{Generation, Tier};
use serde::{Deserialize, Serialize};

use crate::measure::{Accuracy, AddedLatency, Impact};
use crate::suite::{SuiteKind, SuiteResult};

/// An act and its number within the run. Run, step and number make its idempotency key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Numbered {
    /// Grows by one with every act.
    pub number: u64,
    /// The step it belongs to.
    pub step: String,
    /// What is done.
    pub act: Act,
}

impl Numbered {
    /// The key under which the server remembers this act.
    pub fn key(&self, run: &str) -> String {
        format!("{run}/{}/{}", self.step, self.number)
    }
}

/// What is done. Every act can be done again: the first few write and carry a key, the others only look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Change flags or a tier's parameters, for the generation expected.
    Change(ReloadRequest),
    /// Bring a model into the server's cache.
    PullModel {
        /// Its key in the catalogue.
        id: String,
    },
    /// Bring a model into the server's memory.
    LoadModel {
        /// Its key in the catalogue.
        id: String,
    },
    /// Bring the store's format up to date.
    MigrateStore,
    /// Look at everything a phase depends on.
    Inspect,
    /// Remember what legacy answers.
    RecordLegacy,
    /// Look at the monitoring that the server says it has.
    CheckMonitoring,
    /// Wait until a tier is ready.
    AwaitReady {
        /// Which.
        tier: Tier,
    },
    /// Let those exposed settle.
    Settle {
        /// For how long.
        seconds: f64,
    },
    /// Run a suite.
    RunSuite {
        /// Which.
        suite: SuiteKind,
    },
    /// Compare exact answers, their bytes and their latency.
    MeasureImpact,
    /// Measure what the tier adds to one and the same request.
    MeasureAdded,
    /// Measure what the tier adds to success on entity variations.
    MeasureAccuracy,
}

/// What came of an act.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The change is in force.
    Changed(FlagsWritten),
    /// Somebody else changed the flags first; nothing was changed. These are the generations since the expected one.
    Raced {
        /// Oldest first.
        since: Vec<GenerationRecord>,
    },
    /// The model is in the cache and has the digests asked for.
    Pulled {
        /// Its size.
        bytes: u64,
    },
    /// The model is in memory.
    Loaded(LoadedModel),
    /// The time to settle has passed.
    Settled,
    /// The store has this format.
    Migrated(StoreSchema),
    /// What there is.
    Inspected(Box<Inspection>),
    /// What legacy answers.
    Legacy(LegacyAnswers),
    /// What each part of monitoring showed.
    Monitoring(Vec<(MonitoringPart, String)>),
    /// The tier is ready.
    Ready,
    /// The suite has run.
    Suite(SuiteResult),
    /// Exact answers were compared.
    Impact(Impact),
    /// Added latency was measured.
    Added(AddedLatency),
    /// Accuracy was measured.
    Accuracy(Accuracy),
    /// It cannot be done: the server said no, or what was awaited did not come.
    Failed {
        /// Why, for people.
        reason: String,
    },
}

/// A model in the server's memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadedModel {
    /// Its key in the catalogue.
    pub id: String,
    /// What it takes, with its caches.
    pub bytes: u64,
    /// How long loading took.
    pub load_ms: f64,
}

/// What a phase depends on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// The flags in force.
    pub flags: FlagDocument,
    /// The last stored generations, oldest first; enough to say who switched each flag.
    pub history: Vec<GenerationRecord>,
    /// Facts in the knowledge base.
    pub facts: u64,
    /// Memory that can be had, bytes.
    pub available_bytes: u64,
    /// The server's health window.
    pub window: WindowSettings,
    /// Why tiers are off that the flags have on.
    pub masks: Vec<String>,
    /// Models of the catalogue: key, whether it is verified, whether it is pinned.
    pub models: Vec<InspectedModel>,
}

/// A model of the server's catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectedModel {
    /// Its key.
    pub id: String,
    /// Whether every file has a digest in the catalogue.
    pub pinned: bool,
    /// Whether it is in the cache, with those digests.
    pub verified: bool,
}

/// Digests of legacy's answers to a sample of queries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegacyAnswers {
    /// Version of the knowledge base that answered.
    pub kb_version: u64,
    /// One digest per query, in order.
    pub digests: Vec<String>,
}

impl Act {
    /// The generation that the act expects, where it expects one.
    pub fn expects(&self) -> Option<Generation> {
        match self {
            Act::Change(request) => Some(request.expect_generation),
            _ => None,
        }
    }
}
