//! The right to change the server. A 409 names the run that has it.

use find_facts_api::admin::{Lease, LeaseRequest};
use find_facts_rollout::ports::{LeaseKeeper, PortError};

use super::AdminServer;
use crate::client::CallError;

const CONFLICT: u16 = 409;

impl LeaseKeeper for AdminServer {
    fn hold(&self, request: &LeaseRequest) -> Result<Lease, PortError> {
        let held: Result<Option<Lease>, CallError> = self.client.put("/admin/v1/lease", request);
        let given_back = || Lease { run: request.run.clone(), holder: request.holder.clone(), expires_ms: 0 };
        held.map(|lease| lease.unwrap_or_else(given_back)).map_err(|error| {
            let held = error
                .problem()
                .filter(|problem| problem.status == CONFLICT)
                .and_then(|problem| problem.more.get("current"))
                .and_then(|current| serde_json::from_value(current.clone()).ok());
            held.map_or_else(|| PortError::from(error), PortError::LeaseHeld)
        })
    }
}
