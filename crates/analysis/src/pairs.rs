//! Whether the same requests go wrong more often one way than the other by more than a margin, asked after every pair
//! without spending the false-alarm budget on looking.
//!
//! A pair scores 1 where only the first way went wrong, −1 where only the second did, else 0. The product of
//! 1 + λ(score − margin) over the pairs is not expected to grow while the expected score is at most the margin, however
//! alike the two ways of one pair are; so the bound of [`crate::limit`] holds (Waudby-Smith and Ramdas 2024).

use serde::{Deserialize, Serialize};

/// How the evidence is spread over λ, as shares of the largest bet 1/(1 + margin), which a single −1 would lose whole.
const BETS: [f64; 6] = [0.02, 0.05, 0.1, 0.2, 0.4, 0.7];

/// What came of pairs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairs {
    /// Only the first way went wrong.
    pub first: u64,
    /// Only the second did.
    pub second: u64,
    /// Both did, or neither.
    pub alike: u64,
}

impl Pairs {
    /// With another pair, of which these ways went wrong.
    pub fn add(&mut self, first: bool, second: bool) {
        match (first, second) {
            (true, false) => self.first += 1,
            (false, true) => self.second += 1,
            _ => self.alike += 1,
        }
    }

    /// With more pairs.
    #[must_use]
    pub fn plus(self, more: Pairs) -> Pairs {
        Pairs {
            first: self.first + more.first,
            second: self.second + more.second,
            alike: self.alike + more.alike,
        }
    }

    /// How many there are.
    pub fn all(&self) -> u64 {
        self.first + self.second + self.alike
    }

    /// Whether the first way is shown to go wrong more often, by more than the margin; valid at every look.
    pub fn harm_shown(&self, margin: f64, false_alarms: f64) -> bool {
        self.log_evidence(margin) >= -false_alarms.ln()
    }

    fn log_evidence(&self, margin: f64) -> f64 {
        let logs = BETS.map(|bet| {
            let lambda = bet / (1.0 + margin);
            let log = |pairs: u64, score: f64| pairs as f64 * (lambda * (score - margin)).ln_1p();
            log(self.first, 1.0) + log(self.second, -1.0) + log(self.alike, 0.0)
        });
        let largest = logs.into_iter().fold(f64::NEG_INFINITY, f64::max);
        largest + (logs.iter().map(|log| (log - largest).exp()).sum::<f64>() / BETS.len() as f64).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seeded;

    const SEED: u64 = 31;
    const MARGIN: f64 = 0.025;

    /// In which share of runs of `pairs` pairs harm is shown, and after how many in the median. `both` is the rate at
    /// which a pair goes wrong both ways, as on a busy machine; the others are those of each way by itself.
    fn simulate(both: f64, first: f64, second: f64, runs: usize, pairs: u64) -> (f64, Option<u64>) {
        let mut random = Seeded::new(SEED);
        let mut shown: Vec<u64> = (0..runs)
            .filter_map(|_| {
                let mut seen = Pairs::default();
                (1..=pairs).find(|_| {
                    let busy = random.unit() < both;
                    let (first, second) = (random.unit() < first, random.unit() < second);
                    seen.add(busy || first, busy || second);
                    seen.harm_shown(MARGIN, 0.05)
                })
            })
            .collect();
        shown.sort_unstable();
        (shown.len() as f64 / runs as f64, shown.get(shown.len() / 2).copied())
    }

    #[test]
    fn looking_after_every_pair_keeps_the_false_alarms_below_their_share() {
        for (both, first, second) in [(0.0, MARGIN, 0.0), (0.3, 0.05, 0.05), (0.9, 0.2, 0.2)] {
            let (alarms, _) = simulate(both, first, second, 600, 3000);
            // 5 % and two standard errors of 600 runs.
            assert!(alarms <= 0.068, "{alarms}: {both} {first} {second}, seed {SEED}");
        }
        let (alarms, _) = simulate(0.0, 0.002, 0.0, 600, 3000);
        assert!(alarms <= 0.002, "{alarms} on a healthy tier, seed {SEED}");
    }

    #[test]
    fn harm_is_seen_the_sooner_the_more_there_is_to_see() {
        for (first, within) in [(0.1, 150), (0.25, 40), (1.0, 10)] {
            let (shown, median) = simulate(0.0, first, 0.0, 300, 3000);
            let soon = median.is_some_and(|median| median <= within);
            assert!(shown > 0.99 && soon, "{first}: {shown} {median:?}, seed {SEED}");
        }
    }

    #[test]
    fn nothing_seen_shows_nothing() {
        assert!(!Pairs::default().harm_shown(MARGIN, 0.05));
        assert!(!Pairs { second: 1000, ..Pairs::default() }.harm_shown(MARGIN, 0.05));
    }
}
