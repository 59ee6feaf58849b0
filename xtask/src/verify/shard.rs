//! A share of the kill points, `i/n`: the i-th of n that together are all of them.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use anyhow::{Error, Result, anyhow};

/// A share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    number: NonZeroU32,
    of: NonZeroU32,
}

impl Shard {
    /// All there is.
    pub(crate) const WHOLE: Self = Self { number: NonZeroU32::MIN, of: NonZeroU32::MIN };
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let shard = || {
            let (number, of) = text.split_once('/')?;
            let shard = Self { number: number.parse().ok()?, of: of.parse().ok()? };
            (shard.number <= shard.of).then_some(shard)
        };
        shard().ok_or_else(|| {
            anyhow!("the shard `{text}` is none; expected i/n with i from 1 to n, such as 2/4")
        })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, is_good: bool) {
        match text.parse::<Shard>() {
            Ok(shard) => assert!(is_good && shard.to_string() == text, "{text}"),
            Err(error) => assert!(!is_good && error.to_string().contains(&format!("`{text}`")), "{error}"),
        }
    }

    #[test]
    fn shares_are_counted_from_one() {
        ["1/1", "2/4", "4/4"].into_iter().for_each(|text| check(text, true));
    }

    #[test]
    fn what_is_no_share_is_named() {
        ["0/3", "4/3", "1/0", "x", "1", "", "1/2/3", "-1/2", " 1/2"]
            .into_iter()
            .for_each(|text| check(text, false));
    }
}
