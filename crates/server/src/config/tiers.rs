//! `[tier1]`, `[tier2]`, `[tier3]`: whom the first generation gives each tier, and what it runs with.

use std::time::Duration;

use find_facts_core::{Percent, Segment, Tier};

use super::reader::{Origin, Reader};
use super::setting::{Millis, Setting, any};

/// One tier's flag in the first generation, and what the tier runs with.
#[derive(Debug, Clone, PartialEq)]
pub struct TierConfig {
    /// Whether the first generation has it on.
    pub enabled: bool,
    /// Whether the environment says `false`, which masks every generation.
    pub hard_off: bool,
    /// Share of callers in the first generation.
    pub percentage: Percent,
    /// Segments that are in whatever the percentage.
    pub segments: Vec<Segment>,
    /// Key or alias in the model catalogue.
    pub model: String,
    /// How many answers its cache holds.
    pub cache_size: usize,
    /// What a request may spend in it.
    pub timeout: Duration,
    /// Above this p95 it is Degraded.
    pub p95: Duration,
}

/// A tier's settings; the keys differ by its number only.
struct Settings {
    enabled: Setting<bool>,
    percentage: Setting<Percent>,
    segments: Setting<Vec<Segment>>,
    model: Setting<String>,
    cache_size: Setting<usize>,
    timeout: Setting<Millis>,
    p95: Setting<Millis>,
}

const TRUE_OR_FALSE: &str = "true or false";
const PERCENTAGE: &str = "a number from 0 to 100 in steps of 0.001";
const SEGMENTS: &str = "names made of letters, digits, `-` and `_`, separated by commas";
const MODEL: &str = "the key of a model in models.toml, or the hub's name of it";
const CACHE_SIZE: &str = "a whole number from 0 to 10000000";
const MILLISECONDS: &str = "a whole number of milliseconds from 1 to 60000";

const TIER1: Settings = Settings {
    enabled: enabled("tier1.enabled", "ENABLE_TIER1", || true),
    percentage: percentage("tier1.percentage", "TIER1_ROLLOUT_PERCENT", || Percent::HUNDRED),
    segments: segments("tier1.segments", None, Vec::new),
    model: model("tier1.model", "TIER1_MODEL", || "sentence-transformers/all-MiniLM-L6-v2".to_owned()),
    cache_size: cache_size("tier1.cache_size", "TIER1_CACHE_SIZE", || 100_000),
    timeout: milliseconds("tier1.timeout_ms", || Millis::from_millis(200)),
    p95: milliseconds("tier1.p95_ms", || Millis::from_millis(20)),
};

const TIER2: Settings = Settings {
    enabled: enabled("tier2.enabled", "ENABLE_TIER2", || false),
    percentage: percentage("tier2.percentage", "TIER2_ROLLOUT_PERCENT", || whole_percent(10)),
    segments: segments("tier2.segments", None, Vec::new),
    model: model("tier2.model", "TIER2_MODEL", || "HuggingFaceTB/SmolLM-360M-Instruct".to_owned()),
    cache_size: cache_size("tier2.cache_size", "TIER2_CACHE_SIZE", || 50_000),
    timeout: milliseconds("tier2.timeout_ms", || Millis::from_millis(500)),
    p95: milliseconds("tier2.p95_ms", || Millis::from_millis(100)),
};

const TIER3: Settings = Settings {
    enabled: enabled("tier3.enabled", "ENABLE_TIER3", || false),
    percentage: percentage("tier3.percentage", "TIER3_ROLLOUT_PERCENT", || Percent::ZERO),
    segments: segments("tier3.segments", Some("TIER3_BETA_USERS"), || {
        ["research", "advanced", "internal"].map(|name| Segment(name.into())).to_vec()
    }),
    model: model("tier3.model", "TIER3_PRIMARY_MODEL", || "HuggingFaceTB/SmolLM-1.7B-Instruct".to_owned()),
    cache_size: cache_size("tier3.cache_size", "TIER3_CACHE_SIZE", || 10_000),
    timeout: milliseconds("tier3.timeout_ms", || Millis::from_millis(1000)),
    p95: milliseconds("tier3.p95_ms", || Millis::from_millis(500)),
};

const EFFICIENCY_MODEL: Setting<String> =
    model("tier3.efficiency_model", "TIER3_EFFICIENCY_MODEL", || "apple/OpenELM-1.1B-Instruct".to_owned());

/// All three tiers, lowest first, and Tier 3's second model.
pub(super) fn read(reader: &mut Reader<'_>) -> ([TierConfig; 3], String) {
    let tiers = Tier::ALL.map(|tier| read_tier(reader, settings(tier)));
    (tiers, reader.get(&EFFICIENCY_MODEL))
}

fn settings(tier: Tier) -> &'static Settings {
    match tier {
        Tier::Tier1 => &TIER1,
        Tier::Tier2 => &TIER2,
        Tier::Tier3 => &TIER3,
    }
}

fn read_tier(reader: &mut Reader<'_>, settings: &Settings) -> TierConfig {
    let enabled = reader.get(&settings.enabled);
    let from_environment = matches!(reader.origin(settings.enabled.key), Some(Origin::Environment(_)));
    TierConfig {
        enabled,
        hard_off: from_environment && !enabled,
        percentage: reader.get(&settings.percentage),
        segments: reader.get(&settings.segments),
        model: reader.get(&settings.model),
        cache_size: reader.get(&settings.cache_size),
        timeout: reader.get(&settings.timeout).0,
        p95: reader.get(&settings.p95).0,
    }
}

fn whole_percent(percent: u32) -> Percent {
    Percent::from_thousandths(percent * 1000).unwrap_or(Percent::ZERO)
}

const fn enabled(key: &'static str, env: &'static str, default: fn() -> bool) -> Setting<bool> {
    Setting { key, env: Some(env), default, accepted: TRUE_OR_FALSE, valid: any }
}

const fn percentage(key: &'static str, env: &'static str, default: fn() -> Percent) -> Setting<Percent> {
    Setting { key, env: Some(env), default, accepted: PERCENTAGE, valid: any }
}

const fn segments(
    key: &'static str,
    env: Option<&'static str>,
    default: fn() -> Vec<Segment>,
) -> Setting<Vec<Segment>> {
    Setting { key, env, default, accepted: SEGMENTS, valid: any }
}

const fn model(key: &'static str, env: &'static str, default: fn() -> String) -> Setting<String> {
    Setting { key, env: Some(env), default, accepted: MODEL, valid: |name| !name.trim().is_empty() }
}

const fn cache_size(key: &'static str, env: &'static str, default: fn() -> usize) -> Setting<usize> {
    Setting { key, env: Some(env), default, accepted: CACHE_SIZE, valid: |size| *size <= 10_000_000 }
}

const fn milliseconds(key: &'static str, default: fn() -> Millis) -> Setting<Millis> {
    Setting { key, env: None, default, accepted: MILLISECONDS, valid: |length| length.within(1, 60_000) }
}
