//! The admin listener, as far as the demo looks at it itself: everything else is deployctl's.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The server's two listeners.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) public: String,
    pub(super) admin: String,
}

impl Server {
    /// Whether exact queries are served.
    pub(super) fn is_ready(&self) -> bool {
        ureq::get(format!("{}/readyz", self.public)).call().is_ok()
    }

    /// The share of callers that Tier 1 reaches, in percent.
    pub(super) fn tier1_percentage(&self) -> Result<f64> {
        let flags = get(&format!("{}/admin/v1/flags", self.admin))?;
        let flag = &flags["flags"]["tier1_entity_linking"];
        let enabled = flag["enabled"].as_bool().unwrap_or(false);
        Ok(if enabled { flag["percentage"].as_f64().unwrap_or(0.0) } else { 0.0 })
    }

    /// Lets a share of Tier 1's runs fail; none with 0. Returns when that was in force.
    pub(super) fn fail_tier1(&self, share: f64) -> Result<u64> {
        let fault = json!({ "tier": "tier1", "kind": { "kind": "error" }, "share": share });
        let faults = if share > 0.0 { vec![fault] } else { Vec::new() };
        ureq::put(format!("{}/admin/v1/faults", self.admin))
            .header("content-type", "application/json")
            .send(json!({ "faults": faults }).to_string())
            .context("the server refused the fault")?;
        Ok(unix_ms())
    }
}

/// The calendar's time.
pub(super) fn unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

fn get(url: &str) -> Result<Value> {
    let text = ureq::get(url)
        .call()
        .and_then(|mut response| response.body_mut().read_to_string())
        .with_context(|| format!("`GET {url}` failed"))?;
    serde_json::from_str(&text).with_context(|| format!("`GET {url}` answered with no JSON"))
}
