//! The server's own cache of models.

use find_facts_api::admin::{ModelList, PullRequest};
use find_facts_rollout::ports::{ModelControl, PortError};
use serde_json::{Value, json};

use super::AdminServer;

impl ModelControl for AdminServer {
    fn models(&self) -> Result<ModelList, PortError> {
        Ok(self.client.get("/admin/v1/models")?)
    }

    fn pull(&self, id: &str, key: &str) -> Result<(), PortError> {
        let request = PullRequest { accept_licence: self.accept_licence };
        let _begun: Value = self.client.post(&format!("/admin/v1/models/{id}/pull"), &request, key)?;
        Ok(())
    }

    fn load(&self, id: &str, key: &str) -> Result<(), PortError> {
        let _begun: Value = self.client.post(&format!("/admin/v1/models/{id}/load"), &json!({}), key)?;
        Ok(())
    }
}
