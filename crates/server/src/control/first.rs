//! The first generation of the flags: what file and environment say, when nothing is stored yet.

use std::collections::BTreeMap;
use std::time::SystemTime;

use find_facts_api::admin::{GenerationRecord, TierParams};
use find_facts_core::{FlagSet, FlagState, Tier};

use crate::config::Config;
use crate::state::{Generations, NewGeneration, Outcome, StateError};

/// Stores it.
pub(super) fn store(
    generations: &Generations,
    now: SystemTime,
    config: &Config,
) -> Result<GenerationRecord, StateError> {
    generations.append(now, generation(config), |number| Outcome::of_flags(String::new(), number))
}

/// Tier 1 is initialised with it when it is on; the others are not part of this server yet.
fn generation(config: &Config) -> NewGeneration {
    let flag = |tier: Tier| {
        let tier_config = config.tier(tier);
        let state = FlagState {
            enabled: tier_config.enabled,
            percentage: tier_config.percentage,
            segments: tier_config.segments.clone(),
        };
        (tier.flag(), state)
    };
    let tier1 = config.tier(Tier::Tier1);
    let params = TierParams {
        model: Some(tier1.model.clone()),
        cache_size: Some(tier1.cache_size),
        ..TierParams::default()
    };
    NewGeneration {
        flags: FlagSet(Tier::ALL.into_iter().map(flag).collect()),
        tiers: if tier1.enabled { BTreeMap::from([(Tier::Tier1, params)]) } else { BTreeMap::new() },
        by: "configuration".to_owned(),
        reason: "nothing was stored yet".to_owned(),
        idempotency_key: None,
    }
}
