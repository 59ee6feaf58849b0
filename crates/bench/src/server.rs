//! Our own server as a bench starts it, on ports that it chooses itself, and the operator who changes its flags.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::http::{Connection, Request};
use crate::program::Program;

/// The path of exact and of enhanced queries.
pub const FIND_FACTS: &str = "/v1/find_facts";

/// The file in a server's state folder that keeps the vectors of names.
pub const VECTORS: &str = "tier1.vectors";

/// The slowest machine embeds the names of 100 000 facts in less.
const PATIENCE: Duration = Duration::from_secs(1800);
/// Between two looks at the health report: fine enough for a start of a second, and no load.
const TICK: Duration = Duration::from_millis(20);

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// The process.
    pub program: Program,
    /// Where clients ask.
    pub public: SocketAddr,
    /// When its process was started.
    pub started: Instant,
    /// From then until exact queries were answered.
    pub start_up: Duration,
    admin: SocketAddr,
}

/// What a server is to do beside answering exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tiers<'a> {
    /// Nothing.
    Off,
    /// What its defaults say: Tier 1 is made ready in the background.
    Default,
    /// Tiers 1 and 2, for everybody.
    Two {
        /// Tier 2's language model.
        model: &'a str,
        /// A configuration, for a catalogue of one's own.
        config: Option<&'a Path>,
    },
}

impl Server {
    /// Starts it on a knowledge base; exact queries are served when this returns.
    pub fn start(program: &Path, kb: &Path, state: &Path, tiers: Tiers<'_>) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("serve").arg("--kb").arg(kb).arg("--state").arg(state);
        command.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]).env("RUST_LOG", "warn");
        match tiers {
            Tiers::Off => command.env("ENABLE_TIER1", "false"),
            Tiers::Default => command.env_remove("ENABLE_TIER1"),
            Tiers::Two { model, config } => {
                for variable in ["ENABLE_TIER1", "ENABLE_TIER2"] {
                    command.env(variable, "true");
                }
                for variable in ["TIER1_ROLLOUT_PERCENT", "TIER2_ROLLOUT_PERCENT"] {
                    command.env(variable, "100");
                }
                command.args(config.iter().flat_map(|file| [Path::new("--config"), *file]));
                command.env("TIER2_MODEL", model)
            }
        };
        let started = Instant::now();
        let mut program = Program::start(&mut command)?;
        let line = program.first_line()?;
        let mut addresses = line.split("http://").skip(1).filter_map(|rest| rest.split([',', '\n']).next());
        let mut address = || -> Result<SocketAddr> {
            let text = addresses.next().context("the server names no address")?;
            text.parse().with_context(|| format!("`{text}` is no address"))
        };
        let (public, admin) = (address()?, address()?);
        let ready = Connection::open(public)?.send(&Request::json("GET", "/readyz", ""))?.0;
        if ready != 200 {
            bail!("the server is not ready: {ready}");
        }
        Ok(Self { program, public, admin, started, start_up: started.elapsed() })
    }

    /// A new operator of it.
    pub fn operator(&self) -> Result<Operator> {
        Ok(Operator { connection: Connection::open(self.admin)? })
    }
}

/// Who changes the flags and looks at the health report.
pub struct Operator {
    connection: Connection,
}

impl Operator {
    /// Calls the admin listener; an answer that is no success is an error.
    pub fn call(&mut self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, bytes) = self.connection.send(&Request::json(method, path, &body))?;
        if !(200..300).contains(&status) {
            bail!("`{method} {path}` answered {status}: {}", String::from_utf8_lossy(bytes));
        }
        serde_json::from_slice(bytes).with_context(|| format!("`{method} {path}` answered with no JSON"))
    }

    /// Has Tier 1 initialised, in the background.
    pub fn load_tier1(&mut self) -> Result<()> {
        self.call("POST", "/admin/v1/tiers/tier1", &json!({})).map(drop)
    }

    /// How far a tier has come, 0 to 1; nothing once it is ready.
    pub fn progress(&mut self, tier: &str) -> Result<Option<f64>> {
        let report = &self.call("GET", "/admin/v1/health", &Value::Null)?["tiers"][tier];
        let reasons = report["reasons"].as_array().is_some_and(|reasons| !reasons.is_empty());
        match report["state"].as_str() {
            Some("ready") if !reasons => Ok(None),
            Some("ready" | "failed") => bail!("`{tier}` is not as it should be: {report}"),
            _ => Ok(Some(report["progress"].as_f64().unwrap_or_default())),
        }
    }

    /// Waits until a tier is ready.
    pub fn wait_for(&mut self, tier: &str) -> Result<()> {
        let started = Instant::now();
        while self.progress(tier)?.is_some() {
            if started.elapsed() > PATIENCE {
                bail!("`{tier}` is not ready after {} s", PATIENCE.as_secs());
            }
            sleep(TICK);
        }
        Ok(())
    }

    /// Gives Tier 1 to this share of callers, or to nobody; the new generation.
    pub fn set_tier1(&mut self, generation: &Value, percentage: Option<f64>) -> Result<Value> {
        let flag = json!({ "enabled": percentage.is_some(), "percentage": percentage.unwrap_or(100.0), "segments": [] });
        let change = json!({ "expect_generation": generation, "flags": { "tier1_entity_linking": flag } });
        Ok(self.call("POST", "/admin/v1/reload", &change)?["generation"].clone())
    }

    /// The generation of the flags in force.
    pub fn generation(&mut self) -> Result<Value> {
        Ok(self.call("GET", "/admin/v1/flags", &Value::Null)?["generation"].clone())
    }
}
