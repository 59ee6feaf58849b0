//! A fact, the parts a query gives of one, and when a fact holds.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A statement of the knowledge base. Its text is shared, so that a clone copies no characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fact {
    /// What the fact is about.
    pub subject: Arc<str>,
    /// The relation.
    pub predicate: Arc<str>,
    /// The value of the relation.
    pub object: Arc<str>,
}

impl Fact {
    /// A fact of three texts.
    pub fn new(
        subject: impl Into<Arc<str>>,
        predicate: impl Into<Arc<str>>,
        object: impl Into<Arc<str>>,
    ) -> Self {
        Self { subject: subject.into(), predicate: predicate.into(), object: object.into() }
    }

    /// The text of one part.
    pub fn part(&self, part: Part) -> &Arc<str> {
        match part {
            Part::Subject => &self.subject,
            Part::Predicate => &self.predicate,
            Part::Object => &self.object,
        }
    }
}

/// One of the three places of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// What the fact is about.
    Subject,
    /// The relation.
    Predicate,
    /// The value of the relation.
    Object,
}

impl Part {
    /// All parts, in the order in which they are written.
    pub const ALL: [Part; 3] = [Part::Subject, Part::Predicate, Part::Object];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Part::Subject => "subject",
            Part::Predicate => "predicate",
            Part::Object => "object",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a query gives of a fact; an open part is `None`. Text is as the caller wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Parts {
    /// The subject, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Arc<str>>,
    /// The predicate, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predicate: Option<Arc<str>>,
    /// The object, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Arc<str>>,
}

impl Parts {
    /// The text given for one part.
    pub fn get(&self, part: Part) -> Option<&Arc<str>> {
        match part {
            Part::Subject => self.subject.as_ref(),
            Part::Predicate => self.predicate.as_ref(),
            Part::Object => self.object.as_ref(),
        }
    }

    /// Whether nothing at all is given.
    pub fn is_empty(&self) -> bool {
        self.subject.is_none() && self.predicate.is_none() && self.object.is_none()
    }
}

/// A year, a month of it, or a day of that: as precise as the source was.
///
/// Ordered by the first day it can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartialDate {
    year: i16,
    /// 0 where only the year is known.
    month: u8,
    /// 0 where no day is known.
    day: u8,
}

/// A text that is neither `YYYY`, `YYYY-MM` nor `YYYY-MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date of the form YYYY, YYYY-MM or YYYY-MM-DD")]
pub struct InvalidDate(pub String);

impl PartialDate {
    /// A date as precise as its parts; `None` for one that no calendar has, or whose year needs more than four digits.
    pub fn new(year: i16, month: Option<u8>, day: Option<u8>) -> Option<Self> {
        let days = match month {
            Some(month @ 1..=12) => Self::days_in_month(year, month),
            Some(_) => return None,
            None => 0,
        };
        let fits = (-9999..=9999).contains(&year) && day.is_none_or(|day| (1..=days).contains(&day));
        fits.then_some(Self { year, month: month.unwrap_or(0), day: day.unwrap_or(0) })
    }

    /// Year, and month and day where they are known.
    pub fn parts(self) -> (i16, Option<u8>, Option<u8>) {
        (self.year, (self.month > 0).then_some(self.month), (self.day > 0).then_some(self.day))
    }

    fn days_in_month(year: i16, month: u8) -> u8 {
        match month {
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

impl std::str::FromStr for PartialDate {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let invalid = || InvalidDate(text.to_owned());
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let mut fields = digits.split('-');
        let mut number = |width: usize| match fields.next() {
            Some(field) if field.len() == width && field.bytes().all(|b| b.is_ascii_digit()) => {
                field.parse::<i16>().map(Some).map_err(|_| invalid())
            }
            Some(_) => Err(invalid()),
            None => Ok(None),
        };
        let year = number(4)?.ok_or_else(invalid)? * sign;
        let month = number(2)?.map(|month| month as u8);
        let day = number(2)?.map(|day| day as u8);
        if fields.next().is_some() {
            return Err(invalid());
        }
        Self::new(year, month, day).ok_or_else(invalid)
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.year < 0 {
            f.write_str("-")?;
        }
        write!(f, "{:04}", self.year.unsigned_abs())?;
        if self.month > 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

/// When a fact holds: start inclusive, end exclusive unless both are equal; an open side is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Validity {
    /// The first moment at which the fact holds.
    pub start: Option<PartialDate>,
    /// The first moment at which it no longer holds.
    pub end: Option<PartialDate>,
}

impl Validity {
    /// Whether neither side is known.
    pub fn is_open(self) -> bool {
        self.start.is_none() && self.end.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let parsed = text.parse::<PartialDate>().ok().map(|date| date.to_string());
        assert_eq!(parsed.as_deref(), expected, "{text}");
    }

    #[test]
    fn dates_keep_the_precision_they_were_written_with() {
        check("1969", Some("1969"));
        check("1969-07", Some("1969-07"));
        check("1969-07-20", Some("1969-07-20"));
        check("-0044-03-15", Some("-0044-03-15"));
        check("2000-02-29", Some("2000-02-29"));
    }

    #[test]
    fn dates_that_no_calendar_has_are_refused() {
        for text in
            ["", "69", "1969-13", "1969-7", "1900-02-29", "1969-07-20-01", "1969-00", "next year", "+999"]
        {
            check(text, None);
        }
    }

    #[test]
    fn dates_sort_by_the_first_day_they_can_mean() {
        let mut dates: Vec<PartialDate> =
            ["1970", "1969-12-31", "1969", "1969-07"].iter().map(|t| t.parse().unwrap()).collect();
        dates.sort();
        let texts: Vec<String> = dates.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["1969", "1969-07", "1969-12-31", "1970"]);
    }
}
