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

/// With more hits and more misses than this the interval is Wilson's (1927): it agrees with the exact one to within a few
/// hundredths of its width, and the library's distribution function needs more terms there than it takes.
const EXACT_UP_TO: u64 = 1000;
/// The normal quantile of 0.975.
const Z: f64 = 1.959_964;
/// Halvings until an `f64` has no more digits to give.
const HALVINGS: usize = 80;

/// The rate of `hits` among `attempts` with the exact interval of Clopper and Pearson (1934); `None` without attempts.
pub fn rate(hits: u64, attempts: u64) -> Option<Rate> {
    if attempts == 0 || hits > attempts {
        return None;
    }
    let misses = attempts - hits;
    let share = hits as f64 / attempts as f64;
    if hits.min(misses) > EXACT_UP_TO {
        return Some(wilson(share, attempts as f64));
    }
    let low = if hits == 0 { 0.0 } else { beta_quantile(hits, misses + 1, 0.025)? };
    let high = if misses == 0 { 1.0 } else { beta_quantile(hits + 1, misses, 0.975)? };
    Some(Rate { share, low, high })
}

/// By halving: the library's own inverse did not come to an end for no hit among some 8.5 million attempts.
fn beta_quantile(a: u64, b: u64, p: f64) -> Option<f64> {
    let beta = Beta::new(a as f64, b as f64).ok()?;
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if beta.cdf(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(high)
}

fn wilson(share: f64, n: f64) -> Rate {
    let centre = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half_width = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    Rate { share, low: centre - half_width, high: centre + half_width }
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

    #[test]
    fn an_interval_comes_to_an_end_however_many_attempts_there_are() {
        let mut attempts = 1u64;
        while attempts < 1 << 40 {
            for hits in [0, 1, attempts / 100_000, attempts / 100, attempts / 2, attempts] {
                let rate = rate(hits, attempts).unwrap();
                let holds = rate.low <= rate.share && rate.share <= rate.high;
                assert!(holds && rate.low >= 0.0 && rate.high <= 1.0, "{hits}/{attempts}: {rate:?}");
            }
            attempts = attempts * 7 / 4 + 1;
        }
    }

    #[test]
    fn no_hit_among_n_has_the_end_that_its_formula_gives() {
        for attempts in [10u64, 1000, 9_737_280, 1_000_000_000] {
            let expected = 1.0 - 0.025f64.powf(1.0 / attempts as f64);
            let high = rate(0, attempts).unwrap().high;
            assert!((high / expected - 1.0).abs() < 1e-3, "{attempts}: {high} and {expected}");
        }
    }

    #[test]
    fn both_intervals_agree_where_one_takes_over_from_the_other() {
        for attempts in [3_000u64, 100_000, 10_000_000] {
            let (exact, wilson) =
                (rate(1000, attempts).unwrap(), wilson(1000.0 / attempts as f64, attempts as f64));
            let width = exact.high - exact.low;
            let near = |one: f64, other: f64| (one - other).abs() < 0.03 * width;
            assert!(near(exact.low, wilson.low) && near(exact.high, wilson.high), "{exact:?} {wilson:?}");
        }
    }
}
