//! What a request sees of flags and configuration: one immutable value, taken once and swapped as a whole.

use std::sync::Arc;

use find_facts_api::admin::{FlagDocument, GenerationRecord};
use find_facts_core::Tier;
use find_facts_flags::{Evaluator, Mask};

use crate::callers::Callers;
use crate::config::Config;

/// Flags and configuration in force.
pub struct Live {
    /// The configuration.
    pub config: Arc<Config>,
    /// Who is who.
    pub callers: Callers,
    /// The stored generation.
    pub record: Arc<GenerationRecord>,
    /// Decides by that generation, under the masks in force.
    pub evaluator: Evaluator,
    /// Whether the file `DISABLE` is in the state folder.
    pub disabled: bool,
    /// Whether each tier is on for anybody, in the order of [`Tier::ALL`].
    pub on: [bool; 3],
    /// Whether a mask holds each tier off, or one below it.
    pub masked: [bool; 3],
}

impl Live {
    /// Everything that follows from these three.
    pub fn new(config: Arc<Config>, record: Arc<GenerationRecord>, disabled: bool) -> Self {
        let callers = Callers::new(&config);
        let masks = masks(&config, disabled);
        let is_masked = |tier: Tier| masks.iter().any(|mask| mask.tier == tier);
        let on = Tier::ALL
            .map(|tier| !is_masked(tier) && record.flags.get(tier.flag()).is_some_and(|state| state.enabled));
        let masked =
            Tier::ALL.map(|tier| Tier::ALL.into_iter().any(|below| below <= tier && is_masked(below)));
        let evaluator = Evaluator::new(&record.flags, record.generation, masks);
        Self { config, callers, record, evaluator, disabled, on, masked }
    }

    /// `GET /admin/v1/flags`.
    pub fn document(&self) -> FlagDocument {
        FlagDocument {
            generation: self.record.generation,
            flags: self.record.flags.clone(),
            tiers: self.record.tiers.clone(),
            masks: self.evaluator.masks(),
        }
    }
}

/// What holds tiers off, whatever is stored.
fn masks(config: &Config, disabled: bool) -> Vec<Mask> {
    let by_environment = Tier::ALL.into_iter().filter(|&tier| config.tier(tier).hard_off).map(|tier| Mask {
        tier,
        reason: format!("`ENABLE_TIER{}=false` is set in the environment", tier as usize + 1),
    });
    let by_file = Tier::ALL
        .into_iter()
        .filter(|_| disabled)
        .map(|tier| Mask { tier, reason: "the file `DISABLE` is in the state folder".to_owned() });
    by_environment.chain(by_file).collect()
}
