//! Flags and the parameters of tiers. A 412 is not an error here: somebody else was first.

use find_facts_api::admin::{FlagDocument, FlagHistory, ReloadRequest};
use find_facts_rollout::ports::{Change, FlagSink, PortError};

use super::AdminServer;

const PRECONDITION_FAILED: u16 = 412;

impl FlagSink for AdminServer {
    fn flags(&self) -> Result<FlagDocument, PortError> {
        Ok(self.client.get("/admin/v1/flags")?)
    }

    fn history(&self) -> Result<FlagHistory, PortError> {
        Ok(self.client.get("/admin/v1/flags/history")?)
    }

    fn change(&self, request: &ReloadRequest, key: &str) -> Result<Change, PortError> {
        match self.client.post("/admin/v1/reload", request, key) {
            Ok(written) => Ok(Change::Written(written)),
            Err(error) if error.problem().is_some_and(|p| p.status == PRECONDITION_FAILED) => {
                Ok(Change::Raced)
            }
            Err(error) => Err(error.into()),
        }
    }
}
