//! What kinds of query there are and in which shares they are sent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of query, by what legacy makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Parts as they stand in the facts: legacy answers.
    Exact,
    /// Another name that the knowledge base knows: legacy finds nothing.
    Alias,
    /// A name with one slip of the keyboard: legacy finds nothing.
    Typo,
    /// A name of nothing: nobody should find anything.
    Unknown,
    /// A plain question, or a relation in somebody's own words: legacy finds nothing.
    Question,
}

/// How many kinds there are.
pub(crate) const KINDS: usize = 5;

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; KINDS] = [Kind::Exact, Kind::Alias, Kind::Typo, Kind::Unknown, Kind::Question];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Exact => "exact",
            Kind::Alias => "alias",
            Kind::Typo => "typo",
            Kind::Unknown => "unknown",
            Kind::Question => "question",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Shares of the kinds; at least one is above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix([u32; KINDS]);

/// A text that is no mix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a mix such as `exact=70,alias=15,typo=10,unknown=5`")]
pub struct InvalidMix(String);

impl Mix {
    /// The share of one kind, out of [`Mix::total`].
    pub fn share(self, kind: Kind) -> u32 {
        self.0[kind as usize]
    }

    /// The sum of all shares.
    pub fn total(self) -> u32 {
        self.0.iter().sum()
    }

    /// The kind that a number below [`Mix::total`] falls on.
    pub(crate) fn at(self, mut number: u32) -> Kind {
        for kind in Kind::ALL {
            match number.checked_sub(self.share(kind)) {
                Some(rest) => number = rest,
                None => return kind,
            }
        }
        Kind::Exact
    }
}

impl Default for Mix {
    /// Mostly what legacy answers, as in production; enough of the rest to see a tier at work. Questions come from a file
    /// that not every run has.
    fn default() -> Self {
        Self([70, 15, 10, 5, 0])
    }
}

impl FromStr for Mix {
    type Err = InvalidMix;

    fn from_str(text: &str) -> Result<Self, InvalidMix> {
        let invalid = || InvalidMix(text.to_owned());
        let mut shares = [0; KINDS];
        for field in text.split(',') {
            let (name, share) = field.trim().split_once('=').ok_or_else(invalid)?;
            let kind = Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(invalid)?;
            let share: u16 = share.parse().map_err(|_| invalid())?;
            shares[kind as usize] = u32::from(share);
        }
        if shares.iter().sum::<u32>() == 0 {
            return Err(invalid());
        }
        Ok(Self(shares))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<[u32; KINDS]>) {
        assert_eq!(text.parse::<Mix>().ok(), expected.map(Mix), "{text}");
    }

    #[test]
    fn kinds_that_are_not_named_are_not_sent() {
        check("exact=9,typo=1", Some([9, 0, 1, 0, 0]));
        check(" unknown=1", Some([0, 0, 0, 1, 0]));
        check("question=3,exact=1", Some([1, 0, 0, 0, 3]));
    }

    #[test]
    fn what_is_no_mix_is_refused() {
        for text in ["", "exact", "exact=-1", "fuzzy=1", "exact=0", "exact=1;typo=1"] {
            check(text, None);
        }
    }

    #[test]
    fn every_number_below_the_total_falls_on_a_kind_in_its_share() {
        let mix: Mix = "exact=2,typo=1".parse().unwrap();
        let kinds: Vec<Kind> = (0..mix.total()).map(|number| mix.at(number)).collect();
        assert_eq!(kinds, [Kind::Exact, Kind::Exact, Kind::Typo]);
    }
}
