//! The server's cache of models.

use serde::{Deserialize, Serialize};

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
    /// Where `POST /admin/v1/models/{id}/load` stands; absent where the model is not in memory and not on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<ModelMemory>,
}

/// A model on its way into memory, or there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum ModelMemory {
    /// Being loaded, also anew after its worker has died.
    Loading,
    /// Can be used.
    Loaded {
        /// What it takes, with its caches.
        bytes: u64,
        /// How long loading took.
        load_ms: f64,
    },
    /// The last attempt failed.
    Failed {
        /// Why.
        reason: String,
    },
}

/// `POST /admin/v1/models/{id}/pull`; without a body nothing is accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PullRequest {
    /// Whether somebody has read and accepted the model's licence.
    #[serde(default)]
    pub accept_licence: bool,
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
