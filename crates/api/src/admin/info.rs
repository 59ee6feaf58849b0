//! What the server is and has.

use serde::{Deserialize, Serialize};

use super::StoreSchema;

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
