//! The admin listener, as far as the tasks ask it themselves: everything else is deployctl's.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The server's two listeners.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) public: String,
    pub(crate) admin: String,
}

impl Server {
    /// The share of callers that Tier 1 reaches, in percent.
    pub(crate) fn tier1_percentage(&self) -> Result<f64> {
        let flags = get(&format!("{}/admin/v1/flags", self.admin))?;
        let flag = &flags["flags"]["tier1_entity_linking"];
        let enabled = flag["enabled"].as_bool().unwrap_or(false);
        Ok(if enabled { flag["percentage"].as_f64().unwrap_or(0.0) } else { 0.0 })
    }

    /// Has Tier 1 initialised with its defaults; that goes on in the background.
    pub(crate) fn load_tier1(&self) -> Result<()> {
        let url = format!("{}/admin/v1/tiers/tier1", self.admin);
        let written = ureq::post(&url).header("content-type", "application/json").send("{}");
        written.with_context(|| format!("`POST {url}` failed")).map(drop)
    }

    /// How far that is.
    pub(crate) fn tier1(&self) -> Result<Tier1> {
        let health = get(&format!("{}/admin/v1/health", self.admin))?;
        let tier1 = &health["tiers"]["tier1"];
        let reasons = tier1["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(Tier1 {
            state: tier1["state"].as_str().unwrap_or("off").to_owned(),
            progress: tier1["progress"].as_f64().unwrap_or(0.0),
            reasons: reasons.map(str::to_owned).collect(),
        })
    }

    /// Lets a share of Tier 1's runs fail; none with 0. Returns when that was in force.
    pub(crate) fn fail_tier1(&self, share: f64) -> Result<u64> {
        let fault = json!({ "tier": "tier1", "kind": { "kind": "error" }, "share": share });
        let faults = if share > 0.0 { vec![fault] } else { Vec::new() };
        ureq::put(format!("{}/admin/v1/faults", self.admin))
            .header("content-type", "application/json")
            .send(json!({ "faults": faults }).to_string())
            .context("the server refused the fault")?;
        Ok(unix_ms())
    }
}

/// How far Tier 1 is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tier1 {
    pub(crate) state: String,
    /// 0 to 1.
    pub(crate) progress: f64,
    pub(crate) reasons: Vec<String>,
}

/// The calendar's time.
pub(crate) fn unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

fn get(url: &str) -> Result<Value> {
    let text = ureq::get(url)
        .call()
        .and_then(|mut response| response.body_mut().read_to_string())
        .with_context(|| format!("`GET {url}` failed"))?;
    serde_json::from_str(&text).with_context(|| format!("`GET {url}` answered with no JSON"))
}
