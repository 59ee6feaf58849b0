//! How long a tier may take, and how much longer a request may on its way down to an answer.

use std::time::{Duration, Instant};

use find_facts_core::Tier;

/// What a request may take beyond the deadline of the tier that it began with, whatever fails on the way down.
const GRACE: Duration = Duration::from_millis(100);

/// What is left of the grace for waking up and writing the answer: a busy machine takes a few milliseconds for each.
const TO_ANSWER: Duration = Duration::from_millis(20);

/// The deadlines of the tiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Each tier's own, in the order of [`Tier::ALL`].
    pub tiers: [Duration; 3],
    /// `MAX_ENHANCEMENT_TIMEOUT_MS`: no tier gets more, whatever its own.
    pub most: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { tiers: [200, 500, 1000].map(Duration::from_millis), most: Duration::from_millis(1000) }
    }
}

impl Timeouts {
    /// How long a tier may take.
    pub fn of(&self, tier: Tier) -> Duration {
        self.tiers[tier as usize].min(self.most)
    }
}

/// One request's time on its way down.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    ends: Option<Instant>,
}

impl Budget {
    /// What a run that starts now may take, with `steps_left` tiers to try from this one on. The first gets all it may
    /// have; those after it share what is left, so that one that hangs leaves time to the next.
    pub(crate) fn grant(&mut self, full: Duration, steps_left: u32, now: Instant) -> Duration {
        match self.ends {
            None => {
                self.ends = Some(now + full + GRACE - TO_ANSWER);
                full
            }
            Some(ends) => full.min(ends.saturating_duration_since(now) / steps_left.max(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn the_way_down_ends_within_the_grace_even_when_every_tier_hangs() {
        let timeouts = Timeouts::default();
        let (mut budget, start) = (Budget::default(), Instant::now());
        let mut now = start;
        for (tier, steps_left) in [(Tier::Tier3, 3), (Tier::Tier2, 2), (Tier::Tier1, 1)] {
            let granted = budget.grant(timeouts.of(tier), steps_left, now);
            assert!(granted >= 40 * MS, "{tier} got {granted:?}");
            now += granted;
        }
        assert_eq!(now - start, 1080 * MS);
    }

    #[test]
    fn a_tier_that_fails_early_leaves_the_next_its_full_time() {
        let timeouts = Timeouts::default();
        let (mut budget, start) = (Budget::default(), Instant::now());
        budget.grant(timeouts.of(Tier::Tier3), 2, start);
        assert_eq!(budget.grant(timeouts.of(Tier::Tier2), 1, start + 5 * MS), 500 * MS);
    }

    #[test]
    fn no_tier_gets_more_than_the_most() {
        let timeouts = Timeouts { most: 300 * MS, ..Timeouts::default() };
        assert_eq!(Tier::ALL.map(|tier| timeouts.of(tier)), [200 * MS, 300 * MS, 300 * MS]);
    }
}
