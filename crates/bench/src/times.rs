//! Times in order, for their quantiles.

use std::time::Duration;

/// Some times, in ascending order.
#[derive(Debug, Clone, PartialEq)]
pub struct Times(Vec<f64>);

impl Times {
    /// Takes milliseconds.
    pub fn new(mut milliseconds: Vec<f64>) -> Self {
        milliseconds.sort_by(f64::total_cmp);
        Self(milliseconds)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// How many lie up to each of some ascending bounds and above the one before, and in the end how many above all.
    pub fn histogram(&self, bounds: &[f64]) -> Vec<usize> {
        let up_to = |bound: &f64| self.0.partition_point(|time| time <= bound);
        let mut below = 0;
        let ends = bounds.iter().map(up_to).chain([self.0.len()]);
        ends.map(|end| end - std::mem::replace(&mut below, end)).collect()
    }

    /// The time that this share of them do not exceed; 0 where there are none.
    pub fn quantile(&self, share: f64) -> f64 {
        let at = (self.0.len().saturating_sub(1) as f64 * share) as usize;
        self.0.get(at).copied().unwrap_or_default()
    }
}

/// A length of time in milliseconds.
pub fn milliseconds(length: Duration) -> f64 {
    length.as_secs_f64() * 1e3
}
