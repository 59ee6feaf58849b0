//! One generation of the flags, ready to decide. Immutable: a change is a new evaluator, so no request sees half of one.
//! A decision hashes three short strings and allocates nothing.

use find_facts_core::flags::FlagDecision;
use find_facts_core::{
    Caller, Cohort, FlagEvaluator, FlagKey, FlagSet, FlagState, Generation, Mode, Percent, Segment, Tier,
};

use crate::bucket;
use crate::murmur3::Murmur3;

/// Decides for callers by one generation of the flags.
#[derive(Debug, Clone)]
pub struct Evaluator {
    generation: Generation,
    /// In the order of [`Tier::ALL`].
    rules: [Rule; 3],
    moving: Option<Tier>,
    masks: Vec<Mask>,
}

/// A tier held off whatever the stored flags say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    /// The tier; those above it go with it.
    pub tier: Tier,
    /// What holds it off, for the operator.
    pub reason: String,
}

#[derive(Debug, Clone)]
struct Rule {
    salt: Murmur3,
    /// The flag is on, unmasked, and so are those below.
    enabled: bool,
    percentage: Percent,
    segments: Vec<Segment>,
}

impl Evaluator {
    /// An evaluator of a stored generation under the masks in force.
    pub fn new(flags: &FlagSet, generation: Generation, masks: Vec<Mask>) -> Self {
        let mut below = true;
        let rules = Tier::ALL.map(|tier| {
            let state = flags.get(tier.flag()).cloned().unwrap_or_default();
            let masked = masks.iter().any(|mask| mask.tier == tier);
            below = below && state.enabled && !masked;
            Rule::new(tier.flag(), state, below)
        });
        let moving = moving(&rules);
        Self { generation, rules, moving, masks }
    }

    /// Takes cohorts from this tier's flag. Without it they come from the highest tier that reaches some callers and
    /// not all, which is the one a rollout is moving; where there is none, from the highest that reaches anybody, so that
    /// the last step's canary (everybody, without a control) still has figures of its own.
    #[must_use]
    pub fn watching(self, tier: Tier) -> Self {
        let moving = Some(tier).filter(|&tier| self.rules[tier as usize].enabled);
        Self { moving, ..self }
    }

    /// What holds tiers off, one text for each mask.
    pub fn masks(&self) -> Vec<String> {
        self.masks.iter().map(|mask| format!("{}: {}", mask.tier, mask.reason)).collect()
    }
}

impl FlagEvaluator for Evaluator {
    fn decide(&self, caller: &Caller) -> FlagDecision {
        let ceiling = Tier::ALL.into_iter().rev().find(|&tier| self.rules[tier as usize].gives(caller));
        let side = self.moving.map(|tier| self.rules[tier as usize].side(caller));
        let (cohort, hash) = side.unwrap_or((Cohort::Rest, 0));
        FlagDecision {
            generation: self.generation,
            ceiling: ceiling.map_or(Mode::Exact, Tier::mode),
            enabled: [self.rules[0].enabled, self.rules[1].enabled, self.rules[2].enabled],
            cohort,
            caller: hash,
        }
    }
}

impl Rule {
    fn new(key: FlagKey, state: FlagState, enabled: bool) -> Self {
        let salt = Murmur3::default().then(key.name().as_bytes());
        Self { salt, enabled, percentage: state.percentage, segments: state.segments }
    }

    fn gives(&self, caller: &Caller) -> bool {
        self.enabled && (self.lists(caller) || bucket::is_in(self.hash(caller), self.percentage))
    }

    /// The caller's cohort and hash. One who is in by a segment is exposed, so never a control.
    fn side(&self, caller: &Caller) -> (Cohort, u32) {
        let hash = self.hash(caller);
        let cohort = if self.lists(caller) { Cohort::Canary } else { bucket::cohort(hash, self.percentage) };
        (cohort, hash)
    }

    fn lists(&self, caller: &Caller) -> bool {
        caller.segments.iter().any(|segment| self.segments.contains(segment))
    }

    fn hash(&self, caller: &Caller) -> u32 {
        self.salt.then(caller.targeting_key.as_bytes()).finish()
    }

    fn reaches_somebody(&self) -> bool {
        self.enabled && (self.percentage > Percent::ZERO || !self.segments.is_empty())
    }
}

fn moving(rules: &[Rule; 3]) -> Option<Tier> {
    let highest = |wanted: &dyn Fn(&Rule) -> bool| {
        Tier::ALL.into_iter().rev().find(|&tier| wanted(&rules[tier as usize]))
    };
    highest(&|rule| rule.reaches_somebody() && rule.percentage < Percent::HUNDRED)
        .or_else(|| highest(&Rule::reaches_somebody))
}
