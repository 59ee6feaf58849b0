//! A watch window: how much of it was observed, and what was counted in that time.
//!
//! Invariant: observed time is only the time between two looks that both saw the generation under test, on one start of
//! the server, with the ceiling not lowered, and not further apart than a missed look. Everything else pauses the window.

mod compare;
mod golden;
mod look;
mod paired;
mod verdict;

use find_facts_analysis::totals::{between, sum};
use find_facts_core::health::{GoldenTotals, Status, TierState, Totals};
use find_facts_core::{Generation, Tier};
use serde::{Deserialize, Serialize};

use compare::Against;
pub use compare::{Basis, Side, Sides, Yardstick};
use golden::Golden;
pub use look::{Look, Seen};
pub use paired::Paired;
pub(crate) use paired::Way;
pub use verdict::{Evidence, Verdict, verdict};

/// Fewer requests than this, asked both ways, are no comparison, as fewer callers are none.
const LEAST_REQUESTS: u64 = 20;

/// A window so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// Which step of the plan's exposure.
    pub exposure: usize,
    /// Time that counts.
    pub observed_ms: u64,
    /// Time in which figures arrived but the ceiling was lowered.
    pub lowered_ms: u64,
    /// Time without countable figures, since the last that counted.
    pub blind_ms: u64,
    /// Why no countable figures arrive, while they do not.
    pub blind_reason: Option<String>,
    /// Attempts of the callers exposed, between looks.
    pub canary: Totals,
    /// Requests of the control cohort, between looks.
    pub control: Totals,
    /// Canary against control.
    against: Against,
    /// Requests asked with the tier and without it.
    paired: Paired,
    /// Golden probes that the tier answered, between looks.
    #[serde(default)]
    golden: Golden,
    /// Memory at the looks that count: observed time, and bytes.
    pub memory: Vec<(u64, u64)>,
    /// Memory at the last look, bytes.
    pub memory_now: u64,
    /// The status at the last look.
    pub status: Status,
    /// Why it was not healthy.
    pub reasons: Vec<String>,
    /// Whether the ceiling was lowered at the last look.
    pub lowered: bool,
    /// The look before, where the next can be held against it.
    last: Option<Box<Seen>>,
}

/// What a look is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watched {
    /// The tier under test.
    pub tier: Tier,
    /// The generation under test.
    pub generation: Generation,
    /// Two looks further apart than this have a gap between them.
    pub longest_ms: u64,
    /// What canary and control are held against each other by.
    pub yardstick: Yardstick,
}

impl Watch {
    /// A window of which nothing has been seen.
    pub fn new(exposure: usize) -> Self {
        Self {
            exposure,
            observed_ms: 0,
            lowered_ms: 0,
            blind_ms: 0,
            blind_reason: None,
            canary: Totals::default(),
            control: Totals::default(),
            against: Against::default(),
            paired: Paired::default(),
            golden: Golden::default(),
            memory: Vec::new(),
            memory_now: 0,
            status: Status::Healthy,
            reasons: Vec::new(),
            lowered: false,
            last: None,
        }
    }

    /// The window, when nobody has watched for an unknown time: what was observed stays, the gap is not granted.
    #[must_use]
    pub fn interrupted(mut self) -> Self {
        self.last = None;
        self
    }

    /// The window after a look that saw nothing.
    #[must_use]
    pub fn blind(mut self, elapsed_ms: u64, reason: String) -> Self {
        self.blind_ms += elapsed_ms;
        self.blind_reason = Some(reason);
        self.last = None;
        self
    }

    /// The window after a look that saw figures of the generation under test.
    #[must_use]
    pub fn seen(mut self, seen: Seen, watched: Watched) -> Self {
        self.status = seen.status;
        self.memory_now = seen.memory_bytes;
        self.reasons.clone_from(&seen.reasons);
        if let Some(reason) = obstacle(&seen, watched) {
            return self.blind(seen.elapsed_ms, reason);
        }
        self.paired = self.paired.plus(seen.paired);
        let was_lowered = std::mem::replace(&mut self.lowered, seen.ceiling < watched.tier.mode());
        match self.last.take().and_then(|last| Interval::between(&last, &seen, watched)) {
            None => self.blind_ms += seen.elapsed_ms,
            Some(interval) => {
                self.blind_ms = 0;
                self.blind_reason = None;
                // Attempts count whatever the ceiling: those that lowered it are the evidence of harm.
                self.canary = sum(&self.canary, &interval.canary);
                self.control = sum(&self.control, &interval.control);
                self.golden = self.golden.plus(interval.golden, seen.golden_right);
                let [canary, control] = &interval.callers;
                self.against = self.against.after(canary, control, watched.yardstick);
                let time =
                    if was_lowered || self.lowered { &mut self.lowered_ms } else { &mut self.observed_ms };
                *time += interval.length_ms;
                if seen.memory_bytes > 0 {
                    self.memory.push((self.observed_ms, seen.memory_bytes));
                }
            }
        }
        self.last = Some(Box::new(seen));
        self
    }

    /// Whether figures arrive, and too few callers of a side for a comparison.
    pub(crate) fn lacks_control(&self) -> bool {
        let sees = self.blind_reason.is_none() && self.observed_ms > 0;
        sees && !matches!(self.against.basis(), Basis::Control { .. })
    }

    /// What a verdict rests on.
    fn basis(&self) -> Basis {
        match self.against.basis() {
            Basis::TooFew { side, callers, needed } if self.paired.requests() >= LEAST_REQUESTS => {
                Basis::Paired { requests: self.paired.requests(), side, callers, needed }
            }
            basis => basis,
        }
    }

    /// The figures so far.
    pub fn evidence(&self) -> Evidence {
        Evidence {
            compared: self.against.sides(),
            golden: self.golden.totals(),
            ..Evidence::of(&self.canary, &self.control)
        }
    }
}

/// What lies between two looks that can be held against each other.
struct Interval {
    length_ms: u64,
    canary: Totals,
    control: Totals,
    golden: GoldenTotals,
    /// Those who came in it, canary and control.
    callers: [Totals; 2],
}

impl Interval {
    fn between(last: &Seen, now: &Seen, watched: Watched) -> Option<Self> {
        let length_ms = now.uptime_ms.checked_sub(last.uptime_ms)?;
        let joined = last.instance == now.instance
            && last.generation == now.generation
            && length_ms <= watched.longest_ms;
        if !joined {
            return None;
        }
        Some(Self {
            length_ms,
            canary: between(&last.canary, &now.canary)?,
            control: between(&last.control, &now.control)?,
            golden: GoldenTotals {
                answered: now.golden.answered.checked_sub(last.golden.answered)?,
                right: now.golden.right.checked_sub(last.golden.right)?,
            },
            callers: [
                between(&last.canary_callers, &now.canary_callers)?,
                between(&last.control_callers, &now.control_callers)?,
            ],
        })
    }
}

/// Why figures that arrived say nothing of the tier.
fn obstacle(seen: &Seen, watched: Watched) -> Option<String> {
    let tier = watched.tier;
    if seen.generation != watched.generation {
        return Some(format!("generation {} is in force, not {}", seen.generation, watched.generation));
    }
    if let Some(mask) = seen.masks.iter().find(|mask| concerns(mask, tier)) {
        return Some(format!("the tier is masked: {mask}"));
    }
    match seen.state {
        TierState::Ready => None,
        TierState::Off => Some(format!("{tier} is not initialised")),
        TierState::Loading => Some(format!("{tier} is loading")),
        TierState::Failed => Some(format!("{tier} has failed: {}", seen.reasons.join(", "))),
    }
}

/// A mask that names other tiers only does not concern this one; one that names none concerns all.
pub(crate) fn concerns(mask: &str, tier: Tier) -> bool {
    let mask = mask.to_lowercase();
    mask.contains(tier.name()) || !Tier::ALL.iter().any(|other| mask.contains(other.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_concerns_the_tiers_it_names_or_all() {
        for (mask, concerned) in [
            ("ENABLE_TIER1=false is set in the environment", true),
            ("ENABLE_TIER2=false is set in the environment", false),
            ("the file DISABLE is in the state folder", true),
        ] {
            assert_eq!(concerns(mask, Tier::Tier1), concerned, "{mask}");
        }
    }
}
