//! The first generation of the flags: what file and environment say, when nothing is stored yet.

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

/// The tiers that are on are initialised with it; Tier 3 is not part of this server yet.
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
    let params = |tier: Tier| {
        let of_tier = config.tier(tier);
        let params = TierParams {
            model: Some(of_tier.model.clone()),
            cache_size: Some(of_tier.cache_size),
            ..TierParams::default()
        };
        of_tier.enabled.then_some((tier, params))
    };
    NewGeneration {
        flags: FlagSet(Tier::ALL.into_iter().map(flag).collect()),
        tiers: [Tier::Tier1, Tier::Tier2].into_iter().filter_map(params).collect(),
        by: "configuration".to_owned(),
        reason: "nothing was stored yet".to_owned(),
        idempotency_key: None,
    }
}
