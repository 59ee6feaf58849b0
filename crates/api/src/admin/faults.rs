//! Faults done on purpose, where the `[faults]` section allows them.

use std::sync::Arc;

use find_facts_core::Tier;
use serde::{Deserialize, Serialize};

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
