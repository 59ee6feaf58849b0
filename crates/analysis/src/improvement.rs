//! How much more often one of two ways of answering the same queries is right.

use serde::{Deserialize, Serialize};

/// A difference of success in percentage points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Improvement {
    /// success(enhanced) − success(exact).
    pub points: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
    /// Percent of queries that exact answers right.
    pub exact: f64,
    /// Percent of queries that the tier answers right.
    pub enhanced: f64,
    /// Queries.
    pub n: usize,
}

/// The improvement over pairs `(exact right, enhanced right)`, with the interval of Agresti and Min (2005) for matched
/// proportions: Wald's, with half an observation added to each of the four cells. `None` without pairs.
pub fn improvement(pairs: impl IntoIterator<Item = (bool, bool)>) -> Option<Improvement> {
    let mut cells = [[0usize; 2]; 2];
    for (exact, enhanced) in pairs {
        cells[usize::from(exact)][usize::from(enhanced)] += 1;
    }
    let [[neither, gained], [lost, both]] = cells;
    let n = neither + gained + lost + both;
    if n == 0 {
        return None;
    }
    let percent = |count: usize| 100.0 * count as f64 / n as f64;
    let (exact, enhanced) = (percent(lost + both), percent(gained + both));
    let (b, c, m) = (gained as f64 + 0.5, lost as f64 + 0.5, n as f64 + 2.0);
    let centre = (b - c) / m;
    let half_width = 1.959_964 * ((b + c) - (b - c).powi(2) / m).sqrt() / m;
    Some(Improvement {
        points: enhanced - exact,
        low: 100.0 * (centre - half_width).max(-1.0),
        high: 100.0 * (centre + half_width).min(1.0),
        exact,
        enhanced,
        n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seeded;

    #[test]
    fn gains_and_losses_are_set_off() {
        let pairs = [(false, true), (false, true), (true, false), (true, true), (false, false)];
        let found = improvement(pairs).unwrap();
        assert_eq!((found.exact, found.enhanced, found.n), (40.0, 60.0, 5));
        assert!((found.points - 20.0).abs() < 1e-9);
        assert_eq!(improvement([]), None);
    }

    #[test]
    fn the_interval_holds_the_true_improvement_95_times_in_100() {
        let seed = 5;
        let mut random = Seeded::new(seed);
        let runs = 2000;
        let held = (0..runs)
            .filter(|_| {
                let pairs = (0..200).map(|_| {
                    let draw = random.unit();
                    (draw < 0.1, (0.05..0.6).contains(&draw))
                });
                improvement(pairs).is_some_and(|found| found.low <= 45.0 && 45.0 <= found.high)
            })
            .count();
        let share = held as f64 / f64::from(runs);
        assert!((0.93..=0.975).contains(&share), "coverage {share} with seed {seed}");
    }
}
