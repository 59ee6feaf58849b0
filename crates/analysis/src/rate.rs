//! A rate with its interval.

use statrs::distribution::{Beta, ContinuousCDF};

/// A share of attempts, and the 95 % interval that holds the true one.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Rate {
    /// Hits / attempts.
    pub share: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// The rate of `hits` among `attempts` with the exact interval of Clopper and Pearson (1934); `None` without attempts.
pub fn rate(hits: u64, attempts: u64) -> Option<Rate> {
    if attempts == 0 || hits > attempts {
        return None;
    }
    let misses = attempts - hits;
    let beta_quantile =
        |a: u64, b: u64, p: f64| Beta::new(a as f64, b as f64).ok().map(|beta| beta.inverse_cdf(p));
    let low = if hits == 0 { 0.0 } else { beta_quantile(hits, misses + 1, 0.025)? };
    let high = if misses == 0 { 1.0 } else { beta_quantile(hits + 1, misses, 0.975)? };
    Some(Rate { share: hits as f64 / attempts as f64, low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hits: u64, attempts: u64, low: f64, high: f64) {
        let rate = rate(hits, attempts).unwrap();
        assert!(
            (rate.low - low).abs() < 5e-4 && (rate.high - high).abs() < 5e-4,
            "{hits}/{attempts}: {rate:?}"
        );
    }

    #[test]
    fn intervals_are_those_of_published_tables() {
        check(0, 100, 0.0, 0.0362);
        check(3, 400, 0.0015, 0.0218);
        check(5, 10, 0.1871, 0.8129);
        check(100, 100, 0.9638, 1.0);
    }

    #[test]
    fn no_attempts_are_no_rate() {
        assert_eq!(rate(0, 0), None);
    }
}
