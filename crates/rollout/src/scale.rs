//! `--time-scale`: waiting times divided by a number, down to a floor. Thresholds, percentages, samples, leases and limits
//! on work stay as they are.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::plan::{MIN_CHECK, MIN_WINDOW};

/// By what waiting times are divided: 1 for the real thing.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(into = "f64", try_from = "f64")]
pub struct TimeScale(f64);

/// A number that waiting times cannot be divided by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time scale; accepted: a number from 1 to 1000000")]
pub struct InvalidTimeScale(String);

impl TimeScale {
    /// The real thing.
    pub const REAL: TimeScale = TimeScale(1.0);

    /// Whether this is a rehearsal.
    pub fn is_rehearsal(self) -> bool {
        self.0 > 1.0
    }

    /// A waiting time, scaled.
    pub fn window(self, length: Duration) -> Duration {
        self.divide(length, MIN_WINDOW)
    }

    /// The time between two looks, scaled.
    pub fn check(self, length: Duration) -> Duration {
        self.divide(length, MIN_CHECK)
    }

    fn divide(self, length: Duration, floor: Duration) -> Duration {
        if self.is_rehearsal() { length.div_f64(self.0).max(floor.min(length)) } else { length }
    }
}

impl From<TimeScale> for f64 {
    fn from(scale: TimeScale) -> f64 {
        scale.0
    }
}

impl TryFrom<f64> for TimeScale {
    type Error = InvalidTimeScale;

    fn try_from(number: f64) -> Result<Self, InvalidTimeScale> {
        if (1.0..=1e6).contains(&number) {
            Ok(Self(number))
        } else {
            Err(InvalidTimeScale(number.to_string()))
        }
    }
}

impl FromStr for TimeScale {
    type Err = InvalidTimeScale;

    fn from_str(text: &str) -> Result<Self, InvalidTimeScale> {
        text.parse::<f64>().map_err(|_| InvalidTimeScale(text.to_owned())).and_then(Self::try_from)
    }
}

/// The mark of a rehearsal; nothing for the real thing.
impl fmt::Display for TimeScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_rehearsal() { write!(f, "REHEARSAL ×{}", self.0) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scale: f64, window_seconds: u64, expected: f64) {
        let scale = TimeScale::try_from(scale).unwrap();
        assert_eq!(scale.window(Duration::from_secs(window_seconds)).as_secs_f64(), expected);
    }

    #[test]
    fn waiting_times_are_divided_down_to_a_floor() {
        check(1.0, 86_400, 86_400.0);
        check(2880.0, 86_400, 30.0);
        check(2880.0, 7_200, 5.0);
        let scale = TimeScale::try_from(2880.0).unwrap();
        assert_eq!(scale.check(Duration::from_secs(60)), Duration::from_secs(1));
    }

    #[test]
    fn a_rehearsal_says_so() {
        assert_eq!(TimeScale::try_from(720.0).unwrap().to_string(), "REHEARSAL ×720");
        assert_eq!(TimeScale::REAL.to_string(), "");
    }

    #[test]
    fn only_numbers_from_one_up_divide_time() {
        for text in ["0", "0.5", "-3", "NaN", "inf", "fast", "2000000"] {
            assert!(text.parse::<TimeScale>().is_err(), "{text}");
        }
    }
}
