//! The configuration: one TOML file, overridden by the environment, overridden by arguments. Read as a whole or not at all.

mod admin;
mod clients;
mod derived;
mod file;
mod health;
mod limits;
mod named;
mod quality;
mod reader;
mod server;
mod setting;
#[cfg(test)]
mod tests;
mod tiers;

use find_facts_core::Tier;

pub use admin::AdminConfig;
pub use clients::ClientConfig;
pub use file::File;
pub use health::{FaultsConfig, HealthConfig, RollbackConfig};
pub use limits::{LimitsConfig, ModelsConfig};
pub use quality::QualityConfig;
pub use reader::{Argument, Environment, Origin, Shown};
pub use server::ServerConfig;
pub use tiers::TierConfig;

use reader::Reader;

/// Every setting's value.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `[server]`.
    pub server: ServerConfig,
    /// `[admin]`.
    pub admin: AdminConfig,
    /// `[[clients]]`.
    pub clients: Vec<ClientConfig>,
    /// `[tier1]` to `[tier3]`, in order.
    pub tiers: [TierConfig; 3],
    /// `tier3.efficiency_model`: Tier 3's fast executor.
    pub efficiency_model: String,
    /// `[limits]`.
    pub limits: LimitsConfig,
    /// `[models]`.
    pub models: ModelsConfig,
    /// `[health]`.
    pub health: HealthConfig,
    /// `[rollback]`.
    pub rollback: RollbackConfig,
    /// `[quality]`.
    pub quality: QualityConfig,
    /// `[faults]`.
    pub faults: FaultsConfig,
}

/// What is wrong with the configuration, fault by fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is wrong:\n  {}", .0.join("\n  "))]
pub struct ConfigError(pub Vec<String>);

/// Reads every source. Nothing is taken from sources in which anything is wrong.
pub fn load(
    arguments: &[Argument],
    environment: &Environment,
    file: Option<&File>,
) -> Result<(Config, Vec<Shown>), ConfigError> {
    let mut reader = Reader::new(arguments, environment, file);
    let server = server::read(&mut reader);
    let admin = admin::read(&mut reader);
    let (tiers, efficiency_model) = tiers::read(&mut reader);
    let config = Config {
        server,
        admin,
        tiers,
        efficiency_model,
        limits: limits::read_limits(&mut reader),
        models: limits::read_models(&mut reader),
        health: health::read_health(&mut reader),
        rollback: health::read_rollback(&mut reader),
        quality: quality::read(&mut reader),
        faults: health::read_faults(&mut reader),
        clients: clients::read(&mut reader),
    };
    reader.refuse_unknown();
    if reader.faults.is_empty() { Ok((config, reader.shown)) } else { Err(ConfigError(reader.faults)) }
}

impl Config {
    /// One tier's settings.
    pub fn tier(&self, tier: Tier) -> &TierConfig {
        &self.tiers[tier as usize]
    }
}

/// The lines of `config show`: a TOML file, with the origin of each value as its comment.
pub fn show(shown: &[Shown]) -> String {
    let width = shown.iter().map(|row| row.key.len() + row.value.len()).max().unwrap_or(0).min(72);
    let line = |row: &Shown| {
        let pad = width.saturating_sub(row.key.len() + row.value.len());
        format!("{} = {}{:pad$}  # {}\n", row.key, row.value, "", row.origin)
    };
    shown.iter().map(line).collect()
}
