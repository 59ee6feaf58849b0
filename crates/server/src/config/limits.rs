//! `[limits]` and `[models]`: what enhancements may spend, and where models are found.

use std::path::PathBuf;
use std::time::Duration;

use super::reader::Reader;
use super::setting::{MaybePath, Millis, Seconds, Setting, any};

/// What enhancements may spend.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitsConfig {
    /// No request spends longer in tiers, all together.
    pub enhancement_timeout: Duration,
    /// All models with their caches, GB.
    pub total_memory_gb: f64,
    /// Language models in memory at a time.
    pub models_loaded: u64,
    /// A model that takes longer to load has failed.
    pub model_loading_timeout: Duration,
}

/// Where models are found.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelsConfig {
    /// The catalogue, `models.toml`; the built-in one where absent.
    pub catalogue: Option<PathBuf>,
}

const ENHANCEMENT_TIMEOUT: Setting<Millis> = Setting {
    key: "limits.enhancement_timeout_ms",
    env: Some("MAX_ENHANCEMENT_TIMEOUT_MS"),
    default: || Millis::from_millis(1000),
    accepted: "a whole number of milliseconds from 1 to 60000",
    valid: |timeout| timeout.within(1, 60_000),
};

const TOTAL_MEMORY_GB: Setting<f64> = Setting {
    key: "limits.total_memory_gb",
    env: Some("MAX_TOTAL_MEMORY_GB"),
    default: || 8.0,
    accepted: "a number of GB above 0, at most 1024",
    valid: |gb| *gb > 0.0 && *gb <= 1024.0,
};

const MODELS_LOADED: Setting<u64> = Setting {
    key: "limits.models_loaded",
    env: Some("MAX_MODELS_LOADED"),
    default: || 3,
    accepted: "a whole number from 0 to 64",
    valid: |count| *count <= 64,
};

const MODEL_LOADING_TIMEOUT: Setting<Seconds> = Setting {
    key: "limits.model_loading_timeout_seconds",
    env: Some("MODEL_LOADING_TIMEOUT_SEC"),
    default: || Seconds::from_secs(30),
    accepted: "a number of seconds from 1 to 3600",
    valid: |timeout| timeout.within(1.0, 3600.0),
};

const CATALOGUE: Setting<MaybePath> = Setting {
    key: "models.catalogue",
    env: None,
    default: || MaybePath(None),
    accepted: "the path of a models.toml",
    valid: any,
};

pub(super) fn read_limits(reader: &mut Reader<'_>) -> LimitsConfig {
    LimitsConfig {
        enhancement_timeout: reader.get(&ENHANCEMENT_TIMEOUT).0,
        total_memory_gb: reader.get(&TOTAL_MEMORY_GB),
        models_loaded: reader.get(&MODELS_LOADED),
        model_loading_timeout: reader.get(&MODEL_LOADING_TIMEOUT).0,
    }
}

pub(super) fn read_models(reader: &mut Reader<'_>) -> ModelsConfig {
    ModelsConfig { catalogue: reader.get(&CATALOGUE).0 }
}
