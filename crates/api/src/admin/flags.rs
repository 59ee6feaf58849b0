//! Flags and their generations.

use std::collections::BTreeMap;

use find_facts_core::{FlagSet, Generation, Tier};
use serde::{Deserialize, Serialize};

use super::TierParams;

/// `GET /admin/v1/flags`: one immutable generation. The generation is also the ETag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlagDocument {
    /// Its number.
    pub generation: Generation,
    /// Every flag's rule.
    pub flags: FlagSet,
    /// Parameters of the tiers that are initialised in this generation.
    #[serde(default)]
    pub tiers: BTreeMap<Tier, TierParams>,
    /// Why a tier is off that this generation has on; empty when nothing masks it.
    #[serde(default)]
    pub masks: Vec<String>,
}

/// `PUT /admin/v1/flags`, with `If-Match`: replaces every flag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagsWrite {
    /// Every flag's rule; one that is absent is off.
    pub flags: FlagSet,
}

/// `POST /admin/v1/reload` with a body: changes what is named and keeps the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReloadRequest {
    /// The generation that this change was made for.
    pub expect_generation: Generation,
    /// Flags to replace; one that is absent stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<FlagSet>,
    /// Tiers to initialise with these parameters, or with `null` to remove.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tiers: Option<BTreeMap<Tier, Option<TierParams>>>,
}

/// The outcome of a write to the flags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlagsWritten {
    /// The generation in force for this write.
    pub generation: Generation,
    /// `false` where nothing had to change, or where this idempotency key had been seen.
    pub changed: bool,
}

/// `GET /admin/v1/flags/history`: every stored generation, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlagHistory {
    /// The generations.
    pub generations: Vec<GenerationRecord>,
}

/// A stored generation and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenerationRecord {
    /// Its number.
    pub generation: Generation,
    /// Every flag's rule.
    pub flags: FlagSet,
    /// Parameters of the tiers initialised in it.
    pub tiers: BTreeMap<Tier, TierParams>,
    /// Who: `configuration`, `operator`, `rollback`, or `run <id>`.
    pub by: String,
    /// Why, in a few words.
    pub reason: String,
    /// When, unix milliseconds.
    pub time_ms: u64,
    /// The write's idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// `POST /admin/v1/rollback`: switches tiers off, now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackRequest {
    /// This tier and those above it; all of them where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// Why; kept with the event.
    #[serde(default)]
    pub reason: String,
}
