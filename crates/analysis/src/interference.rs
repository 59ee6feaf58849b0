//! Interference of anything with exact answers: latencies of alternating blocks with it and without it.
//! It fails only when the whole 95 % interval of a ratio is above the limit and the difference is one that matters.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::quantile::quantile;
use crate::random::Seeded;

/// Fewer blocks of each kind than this are refused.
pub const MIN_BLOCKS: usize = 10;
/// Resamples of the bootstrap: the ends of a 95 % interval then move by less than its width's hundredth.
const RESAMPLES: usize = 2000;

/// What passes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InterferenceLimits {
    /// The largest ratio of medians.
    pub ratio: f64,
    /// A smaller difference of medians passes, whatever the ratio.
    pub tolerance: Duration,
}

/// One quantile compared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Median over the blocks with it, microseconds.
    pub with_us: f64,
    /// Median over the blocks without it, microseconds.
    pub without_us: f64,
    /// Their ratio.
    pub ratio: f64,
    /// Lower end of the ratio's 95 % interval.
    pub low: f64,
    /// Upper end of the ratio's 95 % interval.
    pub high: f64,
    /// Whether the limits hold.
    pub passes: bool,
}

/// Both quantiles compared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interference {
    /// Medians of the blocks' medians.
    pub p50: Comparison,
    /// Medians of the blocks' 95th percentiles.
    pub p95: Comparison,
    /// How many blocks of each kind.
    pub blocks: usize,
}

impl Interference {
    /// Whether both quantiles pass.
    pub fn passes(&self) -> bool {
        self.p50.passes && self.p95.passes
    }
}

/// Too few blocks to say anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` pairs of blocks are too few; accepted: {MIN_BLOCKS} or more, none of them empty")]
pub struct TooFewBlocks(pub usize);

/// Compares pairs of neighbouring blocks, each `(with, without)`, in microseconds.
pub fn interference(
    mut pairs: Vec<(Vec<f64>, Vec<f64>)>,
    p50: InterferenceLimits,
    p95: InterferenceLimits,
) -> Result<Interference, TooFewBlocks> {
    for (with, without) in &mut pairs {
        with.sort_by(f64::total_cmp);
        without.sort_by(f64::total_cmp);
    }
    let blocks = pairs.len();
    let at = |share: f64| -> Option<Vec<(f64, f64)>> {
        pairs
            .iter()
            .map(|(with, without)| Some((quantile(with, share)?, quantile(without, share)?)))
            .collect()
    };
    match (at(0.5), at(0.95)) {
        (Some(medians), Some(tails)) if blocks >= MIN_BLOCKS => {
            Ok(Interference { p50: compare(&medians, p50), p95: compare(&tails, p95), blocks })
        }
        _ => Err(TooFewBlocks(blocks)),
    }
}

fn compare(pairs: &[(f64, f64)], limits: InterferenceLimits) -> Comparison {
    let (with_us, without_us) = medians(pairs.iter().copied());
    let ratio = with_us / without_us;
    let (low, high) = bootstrap(pairs);
    let matters = (with_us - without_us) * 1e3 >= limits.tolerance.as_nanos() as f64;
    Comparison { with_us, without_us, ratio, low, high, passes: !(low > limits.ratio && matters) }
}

fn medians(pairs: impl Iterator<Item = (f64, f64)>) -> (f64, f64) {
    let (with, without): (Vec<f64>, Vec<f64>) = pairs.unzip();
    (median(with), median(without))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

/// The percentile bootstrap (Efron 1979) over pairs: neighbouring blocks share the machine's mood, so they stay together.
fn bootstrap(pairs: &[(f64, f64)]) -> (f64, f64) {
    let mut random = Seeded::new(pairs.len() as u64);
    let mut ratios: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let (with, without) = medians((0..pairs.len()).map(|_| pairs[random.below(pairs.len())]));
            with / without
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let at = |share| quantile(&ratios, share).unwrap_or(f64::NAN);
    (at(0.025), at(0.975))
}

#[cfg(test)]
mod tests {
    use super::*;

    const P50: InterferenceLimits = InterferenceLimits { ratio: 1.05, tolerance: Duration::from_micros(50) };
    const P95: InterferenceLimits = InterferenceLimits { ratio: 1.25, tolerance: Duration::from_micros(250) };
    const SEED: u64 = 3;

    /// Latencies around `base_us` whose neighbouring blocks share a mood, with `factor` and `added_us` for one kind.
    fn blocks(random: &mut Seeded, base_us: f64, factor: f64, added_us: f64) -> Vec<(Vec<f64>, Vec<f64>)> {
        (0..12)
            .map(|_| {
                let mood = base_us * (0.8 + 0.4 * random.unit());
                let mut block = |factor: f64, added: f64| -> Vec<f64> {
                    let exponential = |unit: f64| 1.0 - 0.5 * (1.0 - unit).ln();
                    (0..100).map(|_| mood * exponential(random.unit()) * factor + added).collect()
                };
                (block(factor, added_us), block(1.0, 0.0))
            })
            .collect()
    }

    fn share_that_passes(base_us: f64, factor: f64, added_us: f64) -> f64 {
        let mut random = Seeded::new(SEED);
        let runs = 100;
        let passes = (0..runs)
            .filter(|_| {
                interference(blocks(&mut random, base_us, factor, added_us), P50, P95).unwrap().passes()
            })
            .count();
        passes as f64 / f64::from(runs)
    }

    #[test]
    fn what_does_not_interfere_passes() {
        let share = share_that_passes(2000.0, 1.0, 0.0);
        assert!(share >= 0.99, "{share} with seed {SEED}");
    }

    #[test]
    fn half_as_slow_again_fails() {
        let share = share_that_passes(2000.0, 1.5, 0.0);
        assert!(share <= 0.01, "{share} with seed {SEED}");
    }

    #[test]
    fn a_difference_that_nobody_notices_passes_whatever_its_ratio() {
        let share = share_that_passes(20.0, 1.0, 30.0);
        assert!(share >= 0.99, "{share} with seed {SEED}");
    }

    #[test]
    fn fewer_than_ten_blocks_say_nothing() {
        let mut random = Seeded::new(SEED);
        let mut few = blocks(&mut random, 100.0, 1.0, 0.0);
        few.truncate(9);
        assert_eq!(interference(few, P50, P95), Err(TooFewBlocks(9)));
        let empty = vec![(vec![], vec![]); 12];
        assert_eq!(interference(empty, P50, P95), Err(TooFewBlocks(12)));
    }
}
