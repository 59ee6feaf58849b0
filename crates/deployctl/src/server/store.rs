//! The server's knowledge base.

use find_facts_api::admin::{KbSample, StoreSchema};
use find_facts_rollout::ports::{PortError, StoreControl};
use serde_json::json;

use super::AdminServer;

impl StoreControl for AdminServer {
    fn migrate(&self, key: &str) -> Result<StoreSchema, PortError> {
        Ok(self.client.post("/admin/v1/store/migrate", &json!({}), key)?)
    }

    fn sample(&self, seed: u64, n: usize) -> Result<KbSample, PortError> {
        Ok(self.client.get(&format!("/admin/v1/kb/sample?seed={seed}&n={n}"))?)
    }
}
