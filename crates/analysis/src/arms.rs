//! Whether a canary does worse than its control by more than a margin, asked at every look without spending the
//! false-alarm budget on looking.
//!
//! Each window multiplies the evidence by the likelihood of its hits under what the windows before it suggest, over their
//! likelihood under the closest pair of rates that is no harm (Turner, Ly, Grünwald 2024; margins: Turner, Grünwald 2022).
//! For rates within the margin that product is not expected to grow, whatever the rate does from window to window: the
//! no-harm pairs are a convex set, on which the expected factor is log-concave with its maximum of 1 at the closest pair.
//! So by Ville's inequality it ever exceeds 1/α with a probability of at most α. Hits must be independent of each other:
//! callers who come back count once.

use serde::{Deserialize, Serialize};

/// The prior of a rate before anything was seen, as pseudo-hits and pseudo-misses. Any is valid; this one, of the cited
/// work, loses little whatever the rates are.
const PRIOR: f64 = 0.18;
/// Halvings of the interval in which the closest rate lies: as many as an `f64` has digits to give.
const HALVINGS: usize = 60;

/// What was counted on one side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// Those of `attempts` that went wrong.
    pub hits: u64,
    /// How many there were.
    pub attempts: u64,
}

impl Arm {
    /// The rate that these counts suggest, never quite 0 or 1.
    fn suggested(self) -> f64 {
        (self.hits as f64 + PRIOR) / (self.attempts as f64 + 2.0 * PRIOR)
    }

    /// The logarithm of these counts' likelihood at one rate over that at another.
    fn log_ratio(self, rate: f64, over: f64) -> f64 {
        let misses = self.attempts.saturating_sub(self.hits) as f64;
        self.hits as f64 * (rate / over).ln() + misses * ((1.0 - rate) / (1.0 - over)).ln()
    }

    fn plus(self, more: Arm) -> Arm {
        Arm { hits: self.hits + more.hits, attempts: self.attempts + more.attempts }
    }
}

/// The evidence so far that the canary does worse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct TwoArms {
    log_evidence: f64,
    canary: Arm,
    control: Arm,
}

impl TwoArms {
    /// The evidence after another window. One with an empty side compares nothing and is left out: what was counted on
    /// the other side belongs to minutes of which the empty one knows nothing.
    #[must_use]
    pub fn after(mut self, canary: Arm, control: Arm, margin: f64) -> Self {
        if canary.attempts == 0 || control.attempts == 0 {
            return self;
        }
        let suggested = (self.canary.suggested(), self.control.suggested());
        if suggested.0 > suggested.1 + margin {
            let closest = closest(suggested, (canary.attempts, control.attempts), margin);
            self.log_evidence += canary.log_ratio(suggested.0, closest + margin);
            self.log_evidence += control.log_ratio(suggested.1, closest);
        }
        self.canary = self.canary.plus(canary);
        self.control = self.control.plus(control);
        self
    }

    /// Whether the canary is shown to do worse by more than the margin.
    pub fn harm_shown(&self, false_alarms: f64) -> bool {
        self.log_evidence >= -false_alarms.ln()
    }

    /// What was compared on the canary's side.
    pub fn canary(&self) -> Arm {
        self.canary
    }

    /// What was compared on the control's side.
    pub fn control(&self) -> Arm {
        self.control
    }
}

/// The control's rate of the no-harm pair (it plus the margin, it) that is closest to the suggested pair in relative
/// entropy, each side weighed by its attempts.
fn closest(suggested: (f64, f64), attempts: (u64, u64), margin: f64) -> f64 {
    // The slope of the weighed entropy along the boundary; it only grows.
    let slope = |rate: f64, suggested: f64, n: u64| n as f64 * (rate - suggested) / (rate * (1.0 - rate));
    let (mut low, mut high) = (suggested.1, suggested.0 - margin);
    for _ in 0..HALVINGS {
        let rate = f64::midpoint(low, high);
        if slope(rate + margin, suggested.0, attempts.0) + slope(rate, suggested.1, attempts.1) < 0.0 {
            low = rate;
        } else {
            high = rate;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Seeded;

    const SEED: u64 = 23;
    const ALPHA: f64 = 0.05;
    const WINDOWS: usize = 168;

    fn draw(random: &mut Seeded, attempts: u64, rate: f64) -> Arm {
        let hits = (0..attempts).filter(|_| random.unit() < rate).count() as u64;
        Arm { hits, attempts }
    }

    /// In which share of runs harm is shown within 168 windows, and the median window in which it is.
    fn simulate(
        attempts: (u64, u64),
        rates: impl Fn(usize) -> (f64, f64),
        margin: f64,
        runs: usize,
    ) -> (f64, Option<usize>) {
        let mut random = Seeded::new(SEED);
        let mut shown: Vec<usize> = (0..runs)
            .filter_map(|_| {
                let mut evidence = TwoArms::default();
                (1..=WINDOWS).find(|&window| {
                    let (canary, control) = rates(window);
                    let canary = draw(&mut random, attempts.0, canary);
                    evidence = evidence.after(canary, draw(&mut random, attempts.1, control), margin);
                    evidence.harm_shown(ALPHA)
                })
            })
            .collect();
        shown.sort_unstable();
        (shown.len() as f64 / runs as f64, shown.get(shown.len() / 2).copied())
    }

    fn false_alarms(attempts: (u64, u64), rates: impl Fn(usize) -> (f64, f64), margin: f64) {
        let (alarms, _) = simulate(attempts, rates, margin, 400);
        // 5 % and two standard errors of 400 runs.
        assert!(alarms <= 0.072, "{alarms} of runs, {attempts:?} a window, margin {margin}, seed {SEED}");
    }

    #[test]
    fn looking_after_every_window_keeps_the_false_alarms_below_their_share() {
        for attempts in [(1, 19), (10, 10), (5, 95), (50, 50)] {
            for rate in [0.002, 0.05, 0.3] {
                false_alarms(attempts, |_| (rate, rate), 0.0);
                false_alarms(attempts, |_| (rate + 0.025, rate), 0.025);
            }
        }
    }

    #[test]
    fn a_rate_that_swings_for_both_is_no_harm() {
        let swinging = |window: usize| 0.01 + 0.008 * (window as f64 / 24.0 * std::f64::consts::TAU).sin();
        for attempts in [(10, 10), (5, 95)] {
            false_alarms(attempts, |window| (swinging(window), swinging(window)), 0.0);
            false_alarms(attempts, |window| (swinging(window) + 0.025, swinging(window)), 0.025);
        }
        // Even a machine on which for hours everything fails says nothing of the canary alone.
        let outage = |window: usize| if window % 50 < 10 { 0.9 } else { 0.01 };
        false_alarms((20, 20), |window| (outage(window), outage(window)), 0.0);
    }

    /// Share of runs with a false alarm where ten callers a side come back in every window, and one in twenty callers fails
    /// half of the time whatever tier it has; each caller counts once, or all its requests do.
    fn sticky_callers(once: bool) -> f64 {
        let mut random = Seeded::new(SEED);
        let runs = 400;
        let alarms = (0..runs)
            .filter(|_| {
                let prone: Vec<bool> = (0..20).map(|_| random.unit() < 0.05).collect();
                let mut evidence = TwoArms::default();
                (0..WINDOWS).any(|window| {
                    let mut sides = [Arm::default(); 2];
                    for (caller, prone) in prone.iter().enumerate() {
                        // Two callers, one of each side, come for the first time in every window.
                        if !once || caller / 2 == window {
                            let failed = *prone && random.unit() < 0.5;
                            sides[caller % 2] =
                                sides[caller % 2].plus(Arm { hits: u64::from(failed), attempts: 1 });
                        }
                    }
                    evidence = evidence.after(sides[0], sides[1], 0.0);
                    evidence.harm_shown(ALPHA)
                })
            })
            .count();
        alarms as f64 / f64::from(runs)
    }

    #[test]
    fn callers_who_come_back_count_once_or_they_are_taken_for_many() {
        let (once, every_request) = (sticky_callers(true), sticky_callers(false));
        assert!(once <= 0.072, "{once} with seed {SEED}");
        assert!(
            every_request > 0.15,
            "{every_request} with seed {SEED}: the reason for counting once is gone"
        );
    }

    #[test]
    fn a_healthier_canary_is_never_harm() {
        let (alarms, _) = simulate((20, 20), |_| (0.01, 0.1), 0.0, 300);
        assert_eq!(alarms, 0.0, "seed {SEED}");
        let (alarms, _) = simulate((20, 20), |_| (0.02, 0.01), 0.025, 300);
        assert!(alarms <= 0.01, "{alarms} within the margin, seed {SEED}");
    }

    #[test]
    fn harm_is_seen_the_sooner_the_more_there_is_to_see() {
        // The published figures: errors 1 % → 10 %, canary 5 %, at 20, 100 and 500 requests a window.
        for (attempts, published) in [((1, 19), 38), ((5, 95), 8), ((25, 475), 3)] {
            let (shown, median) = simulate(attempts, |_| (0.1, 0.01), 0.0, 100);
            let close = median.is_some_and(|median| median <= published * 5 / 4 + 1);
            assert!(shown > 0.85 && close, "{attempts:?}: {shown} {median:?}, seed {SEED}");
        }
        let (shown, median) = simulate((20, 20), |_| (0.3, 0.01), 0.025, 100);
        assert!(shown == 1.0 && median.is_some_and(|median| median <= 5), "{shown} {median:?}, seed {SEED}");
    }

    #[test]
    fn a_window_with_an_empty_side_says_nothing() {
        let all_failed = Arm { hits: 500, attempts: 500 };
        let one_sided = TwoArms::default().after(all_failed, Arm::default(), 0.0);
        assert_eq!(one_sided, TwoArms::default());
    }

    proptest! {
        #[test]
        fn the_expected_factor_is_at_most_one_for_every_pair_within_the_margin(
            seen in (0u64..60, 0u64..60, 0u64..60, 0u64..60),
            attempts in (1u64..40, 1u64..40),
            control in 0.0f64..0.9, share in 0.0f64..=1.0, margin in 0.0f64..0.1,
        ) {
            let arm = |hits: u64, misses: u64| Arm { hits, attempts: hits + misses };
            let (canary_seen, control_seen) = (arm(seen.0, seen.1), arm(seen.2, seen.3));
            let suggested = (canary_seen.suggested(), control_seen.suggested());
            prop_assume!(suggested.0 > suggested.1 + margin);
            let closest = closest(suggested, attempts, margin);
            let expected = |rate: f64, to: f64, over: f64| rate * to / over + (1.0 - rate) * (1.0 - to) / (1.0 - over);
            let canary = (control + margin) * share;
            let log = attempts.0 as f64 * expected(canary, suggested.0, closest + margin).ln()
                + attempts.1 as f64 * expected(control, suggested.1, closest).ln();
            prop_assert!(log <= 1e-9, "{log}");
        }

        #[test]
        fn without_a_margin_the_closest_pair_is_the_common_rate(
            low in 0.001f64..0.5, more in 0.001f64..0.49, attempts in (1u64..500, 1u64..500),
        ) {
            let n = (attempts.0 as f64, attempts.1 as f64);
            let common = (n.0 * (low + more) + n.1 * low) / (n.0 + n.1);
            prop_assert!((closest((low + more, low), attempts, 0.0) - common).abs() < 1e-9);
        }
    }
}
