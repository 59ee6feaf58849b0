//! What flags say: who gets which tier. How a caller falls into a bucket is the `flags` crate's business.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::caller::{Caller, Cohort, Segment};
use crate::tier::{Mode, Tier, UnknownName};

/// A flag. Its name on the wire is hashed with the targeting key, so it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagKey {
    /// Entity linking.
    #[serde(rename = "tier1_entity_linking")]
    Tier1EntityLinking,
    /// Semantic expansion.
    #[serde(rename = "tier2_semantic_expansion")]
    Tier2SemanticExpansion,
    /// Research-grade answers.
    #[serde(rename = "tier3_research_grade")]
    Tier3ResearchGrade,
}

impl FlagKey {
    /// All flags, lowest tier first.
    pub const ALL: [FlagKey; 3] =
        [FlagKey::Tier1EntityLinking, FlagKey::Tier2SemanticExpansion, FlagKey::Tier3ResearchGrade];

    /// The name on the wire, which is also the salt of its buckets.
    pub fn name(self) -> &'static str {
        match self {
            FlagKey::Tier1EntityLinking => "tier1_entity_linking",
            FlagKey::Tier2SemanticExpansion => "tier2_semantic_expansion",
            FlagKey::Tier3ResearchGrade => "tier3_research_grade",
        }
    }

    /// The tier that the flag switches.
    pub fn tier(self) -> Tier {
        match self {
            FlagKey::Tier1EntityLinking => Tier::Tier1,
            FlagKey::Tier2SemanticExpansion => Tier::Tier2,
            FlagKey::Tier3ResearchGrade => Tier::Tier3,
        }
    }
}

impl fmt::Display for FlagKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FlagKey {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        FlagKey::ALL.into_iter().find(|key| key.name() == text).ok_or_else(|| UnknownName {
            what: "flag",
            given: text.to_owned(),
            accepted: "tier1_entity_linking, tier2_semantic_expansion, tier3_research_grade",
        })
    }
}

/// A share of callers, in steps of a thousandth of a percent. 0 is nobody, 100 everybody, exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "f64", try_from = "f64")]
pub struct Percent(u32);

/// A number that is no percentage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a percentage; accepted: 0 to 100 in steps of 0.001")]
pub struct InvalidPercent(pub String);

impl Percent {
    /// Nobody.
    pub const ZERO: Percent = Percent(0);
    /// Everybody.
    pub const HUNDRED: Percent = Percent(Self::THOUSANDTHS);
    /// How many steps make 100 %: the fixed total of the flags' buckets.
    pub const THOUSANDTHS: u32 = 100_000;

    /// In thousandths of a percent, 0 to 100 000.
    pub fn thousandths(self) -> u32 {
        self.0
    }

    /// From thousandths of a percent; more than 100 % is an error.
    pub fn from_thousandths(thousandths: u32) -> Result<Self, InvalidPercent> {
        if thousandths > Self::THOUSANDTHS {
            return Err(InvalidPercent((f64::from(thousandths) / 1000.0).to_string()));
        }
        Ok(Self(thousandths))
    }

    /// What is missing to 100 %.
    pub fn complement(self) -> Percent {
        Percent(Self::THOUSANDTHS - self.0)
    }
}

impl From<Percent> for f64 {
    fn from(percent: Percent) -> f64 {
        f64::from(percent.0) / 1000.0
    }
}

impl TryFrom<f64> for Percent {
    type Error = InvalidPercent;

    fn try_from(value: f64) -> Result<Self, InvalidPercent> {
        let thousandths = (value * 1000.0).round();
        let is_a_step = (value * 1000.0 - thousandths).abs() < 1e-6;
        if !(0.0..=100.0).contains(&value) || !is_a_step {
            return Err(InvalidPercent(value.to_string()));
        }
        Ok(Self(thousandths as u32))
    }
}

impl FromStr for Percent {
    type Err = InvalidPercent;

    fn from_str(text: &str) -> Result<Self, InvalidPercent> {
        let value: f64 = text.parse().map_err(|_| InvalidPercent(text.to_owned()))?;
        Percent::try_from(value)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f64::from(*self).fmt(f)
    }
}

/// The number of a stored state of the flags; grows by one with every change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(pub u64);

impl Generation {
    /// The one after this.
    pub fn next(self) -> Generation {
        Generation(self.0 + 1)
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One flag's rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagState {
    /// `false` is nobody, whatever else stands here.
    pub enabled: bool,
    /// The share of callers, by bucket.
    pub percentage: Percent,
    /// Segments that are in whatever the percentage.
    #[serde(default)]
    pub segments: Vec<Segment>,
}

/// Every flag's rule. A flag that is absent is off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FlagSet(pub BTreeMap<FlagKey, FlagState>);

impl FlagSet {
    /// All flags present and off.
    pub fn all_off() -> Self {
        Self(FlagKey::ALL.into_iter().map(|key| (key, FlagState::default())).collect())
    }

    /// One flag's rule, if it is there.
    pub fn get(&self, key: FlagKey) -> Option<&FlagState> {
        self.0.get(&key)
    }
}

/// What the flags say of one caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlagDecision {
    /// Which state of the flags said it.
    pub generation: Generation,
    /// The highest mode this caller gets without asking.
    pub ceiling: Mode,
    /// Whether each tier is enabled for anybody, in the order of [`Tier::ALL`]; a higher tier needs those below enabled.
    pub enabled: [bool; 3],
    /// On which side of the moving percentage the caller falls.
    pub cohort: Cohort,
    /// The hash that put it there; 0 where nothing moves. Two callers in four thousand million share one.
    pub caller: u32,
}

/// Decides for a caller. Never from the clock, the thread or a random number.
pub trait FlagEvaluator: Send + Sync {
    /// What this caller gets.
    fn decide(&self, caller: &Caller) -> FlagDecision;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64, expected: Option<u32>) {
        assert_eq!(Percent::try_from(value).ok().map(Percent::thousandths), expected, "{value}");
    }

    #[test]
    fn percentages_have_a_thousandth_of_a_percent_as_their_step() {
        check(0.0, Some(0));
        check(0.01, Some(10));
        check(33.333, Some(33_333));
        check(100.0, Some(100_000));
    }

    #[test]
    fn numbers_that_are_no_share_are_refused() {
        for value in [-0.001, 100.001, f64::NAN, f64::INFINITY, 0.0001] {
            check(value, None);
        }
    }

    #[test]
    fn flags_keep_their_names_on_the_wire() {
        let set = FlagSet::all_off();
        let json = serde_json::to_value(&set).unwrap();
        for key in FlagKey::ALL {
            assert_eq!(
                json[key.name()],
                serde_json::json!({"enabled": false, "percentage": 0.0, "segments": []})
            );
            assert_eq!(key.name().parse(), Ok(key));
        }
    }
}
