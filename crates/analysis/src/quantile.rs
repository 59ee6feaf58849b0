//! Quantiles of plain numbers: the nearest rank, so that every quantile is a value that was seen.

use statrs::distribution::{Binomial, DiscreteCDF};

/// The `share` quantile of ascending values; `None` where there are none.
pub fn quantile(ascending: &[f64], share: f64) -> Option<f64> {
    let rank = (share * ascending.len() as f64).ceil() as usize;
    ascending.get(rank.max(1) - 1).or(ascending.last()).copied()
}

/// A quantile, and the interval that holds it.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct QuantileEstimate {
    /// The quantile of the values seen.
    pub value: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
    /// How many values were seen.
    pub n: usize,
}

/// A quantile with its distribution-free 95 % interval from order statistics (Hahn and Meeker 1991, section 5.2).
pub fn quantile_with_interval(mut values: Vec<f64>, share: f64) -> Option<QuantileEstimate> {
    values.sort_by(f64::total_cmp);
    let value = quantile(&values, share)?;
    let n = values.len();
    let ranks = Binomial::new(share, n as u64).ok()?;
    let at = |rank: u64| values.get((rank.max(1) - 1) as usize).or(values.last()).copied().unwrap_or(value);
    Some(QuantileEstimate {
        value,
        low: at(ranks.inverse_cdf(0.025)),
        high: at(ranks.inverse_cdf(0.975) + 1),
        n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seeded;

    #[test]
    fn quantiles_are_values_that_were_seen() {
        let values: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!(quantile(&values, 0.0), Some(1.0));
        assert_eq!(quantile(&values, 0.5), Some(10.0));
        assert_eq!(quantile(&values, 0.95), Some(19.0));
        assert_eq!(quantile(&values, 1.0), Some(20.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn the_interval_of_a_p95_holds_the_true_one_95_times_in_100() {
        let seed = 7;
        let mut random = Seeded::new(seed);
        let runs = 1000;
        let held = (0..runs)
            .filter(|_| {
                let values = (0..1000).map(|_| random.unit()).collect();
                quantile_with_interval(values, 0.95).is_some_and(|e| e.low <= 0.95 && 0.95 <= e.high)
            })
            .count();
        let share = held as f64 / f64::from(runs);
        assert!((0.93..=0.98).contains(&share), "coverage {share} with seed {seed}");
    }
}
