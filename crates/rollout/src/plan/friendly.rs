//! Durations as plans write them: `24h`, `90s`, `250us`, `7d`. Days have 24 hours; months and years are refused.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

/// The text of a duration, in the form in which plans write it.
pub fn text(duration: Duration) -> String {
    SignedDuration::try_from(duration)
        .map_or_else(|_| format!("{duration:?}"), |signed| format!("{signed:#}"))
}

pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(*duration))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let given = String::deserialize(deserializer)?;
    parse(&given).ok_or_else(|| {
        D::Error::custom(format!(
            "`{given}` is no duration; accepted: a number and a unit, such as `24h`, `90s` or `250us`"
        ))
    })
}

/// The same for a duration that may be absent.
pub(super) mod optional {
    use std::time::Duration;

    use serde::{Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => super::serialize(duration, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }
}

fn parse(given: &str) -> Option<Duration> {
    let span: Span = given.parse().ok()?;
    let signed = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(signed).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &str, expected: Option<Duration>) {
        assert_eq!(parse(given), expected, "{given}");
    }

    #[test]
    fn durations_are_a_number_and_a_unit() {
        check("24h", Some(Duration::from_secs(86_400)));
        check("7d", Some(Duration::from_secs(604_800)));
        check("1w", Some(Duration::from_secs(604_800)));
        check("1h30m", Some(Duration::from_secs(5_400)));
        check("250us", Some(Duration::from_micros(250)));
        check("20 ms", Some(Duration::from_millis(20)));
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for given in ["", "24", "-1h", "1h ago", "soon", "1 month", "1y"] {
            check(given, None);
        }
    }

    #[test]
    fn durations_are_shown_as_plans_write_them() {
        for given in ["24h", "5m", "20ms", "250µs", "1h 30m"] {
            assert_eq!(text(parse(given).unwrap()), given);
        }
    }
}
