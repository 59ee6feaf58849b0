//! `status` and `watch`: what the server says of itself, from three documents.

use find_facts_api::admin::FlagDocument;
use find_facts_api::rollout::RolloutState;
use find_facts_core::HealthReport;
use serde::Serialize;

use crate::client::{AdminClient, CallError};

/// The server's flags, health and rollout.
#[derive(Debug, Serialize)]
pub struct ServerStatus {
    /// Flags in force.
    pub flags: FlagDocument,
    /// The health report.
    pub health: HealthReport,
    /// What the controller last reported.
    pub rollout: RolloutState,
}

/// Asks the server.
pub fn status(client: &AdminClient) -> Result<ServerStatus, CallError> {
    Ok(ServerStatus {
        flags: super::flags::get(client)?,
        health: client.get("/admin/v1/health")?,
        rollout: client.get("/admin/v1/rollout")?,
    })
}
