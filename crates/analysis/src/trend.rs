//! Whether something grows while it is watched: one slope through several windows, each with a level of its own.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A window's values are averaged to this many points at the most: neighbouring values resemble each other, and as many
/// independent ones as there are values would make the interval too narrow.
const POINTS: usize = 12;
/// Fewer points than this in a window show no slope.
const LEAST_POINTS: usize = 3;

/// A slope with its interval, in units of y for one of x.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// By least squares.
    pub slope: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
    /// Points it was drawn through.
    pub points: usize,
}

/// A window of values `(x, y)` in order, averaged so that the points are nearly independent of each other.
pub fn averaged(values: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let size = values.len().div_ceil(POINTS).max(1);
    let mean =
        |of: &[(f64, f64)], part: fn(&(f64, f64)) -> f64| of.iter().map(part).sum::<f64>() / of.len() as f64;
    values.chunks(size).map(|chunk| (mean(chunk, |value| value.0), mean(chunk, |value| value.1))).collect()
}

/// The slope that all windows have in common; `None` where there is too little to see one.
pub fn trend(windows: &[Vec<(f64, f64)>]) -> Option<Trend> {
    let usable: Vec<&Vec<(f64, f64)>> =
        windows.iter().filter(|window| window.len() >= LEAST_POINTS).collect();
    let (mut xx, mut xy, mut yy, mut points) = (0.0, 0.0, 0.0, 0);
    for window in &usable {
        let n = window.len() as f64;
        let (x_mean, y_mean) = (
            window.iter().map(|point| point.0).sum::<f64>() / n,
            window.iter().map(|point| point.1).sum::<f64>() / n,
        );
        for (x, y) in window.iter().map(|(x, y)| (x - x_mean, y - y_mean)) {
            (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
        }
        points += window.len();
    }
    // Each window's level and the slope itself take one each; what is left tells how far off the slope may be.
    let freedom = points.checked_sub(usable.len() + 1).filter(|freedom| *freedom > 0)? as f64;
    if xx <= 0.0 {
        return None;
    }
    let slope = xy / xx;
    let error = ((yy - slope * xy).max(0.0) / freedom / xx).sqrt();
    let half_width = StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(0.975) * error;
    Some(Trend { slope, low: slope - half_width, high: slope + half_width, points })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seeded;

    const SEED: u64 = 31;

    /// Windows of `n` values with a slope of 2, each at a level of its own, whose noise is like its neighbour's by `likeness`.
    fn windows(random: &mut Seeded, n: usize, likeness: f64) -> Vec<Vec<(f64, f64)>> {
        (0..4)
            .map(|window| {
                let mut noise = 0.0;
                let values: Vec<(f64, f64)> = (0..n)
                    .map(|at| {
                        noise = likeness * noise + random.unit() - 0.5;
                        let x = at as f64 / n as f64;
                        (x, f64::from(window) * 10.0 + 2.0 * x + noise)
                    })
                    .collect();
                averaged(&values)
            })
            .collect()
    }

    #[test]
    fn a_straight_line_has_its_slope_whatever_the_level_of_each_window() {
        let line = |level: f64| (0..12).map(|x| (f64::from(x), level + 0.5 * f64::from(x))).collect();
        let found = trend(&[line(3.0), line(100.0)]).unwrap();
        assert!((found.slope - 0.5).abs() < 1e-9 && (found.high - found.low).abs() < 1e-6, "{found:?}");
        assert_eq!(found.points, 24);
    }

    #[test]
    fn too_few_points_show_nothing() {
        assert_eq!(trend(&[]), None);
        assert_eq!(trend(&[vec![(0.0, 1.0), (1.0, 2.0)]]), None);
        assert_eq!(trend(&[vec![(1.0, 1.0); 5]]), None, "nothing was waited for");
    }

    #[test]
    fn the_interval_holds_the_true_slope_also_where_neighbours_resemble_each_other() {
        for likeness in [0.0, 0.8] {
            let mut random = Seeded::new(SEED);
            let runs = 1000;
            let held = (0..runs)
                .filter(|_| {
                    trend(&windows(&mut random, 300, likeness)).is_some_and(|t| t.low <= 2.0 && 2.0 <= t.high)
                })
                .count();
            let share = held as f64 / f64::from(runs);
            assert!((0.92..=0.98).contains(&share), "likeness {likeness}: coverage {share}, seed {SEED}");
        }
    }
}
