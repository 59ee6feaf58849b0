//! When a fact holds, as sources write it: two dates, each as precise as it is known, or empty.

use std::cmp::Ordering;

use find_facts_core::{PartialDate, Validity};

use super::LineError;

/// Two dates, each empty where it is not known.
pub(super) fn validity(start: &str, end: &str) -> Result<Validity, LineError> {
    let bound = |bound, text: &str| match text {
        "" => Ok(None),
        _ => text.parse().map(Some).map_err(|reason| LineError::Date { bound, reason }),
    };
    let validity = Validity { start: bound("start", start)?, end: bound("end", end)? };
    match (validity.start, validity.end) {
        (Some(start), Some(end)) if is_before(end, start) => Err(LineError::EndsBeforeStart),
        _ => Ok(validity),
    }
}

/// Whether one date is before the other in what both are precise about: 1969 is not before 1969-07.
fn is_before(date: PartialDate, other: PartialDate) -> bool {
    let ((year, month, day), (other_year, other_month, other_day)) = (date.parts(), other.parts());
    let month_is_before = month.zip(other_month).map(|(a, b)| a.cmp(&b));
    let day_is_before = day.zip(other_day).map(|(a, b)| a.cmp(&b));
    let order = year.cmp(&other_year).then(month_is_before.unwrap_or(Ordering::Equal));
    order.then(day_is_before.unwrap_or(Ordering::Equal)).is_lt()
}
