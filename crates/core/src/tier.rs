//! Tiers, and the modes in which a query can be answered.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::flags::FlagKey;

/// An enhancement that can be switched on above exact matching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Entity linking.
    Tier1,
    /// Semantic expansion.
    Tier2,
    /// Research-grade answers.
    Tier3,
}

impl Tier {
    /// All tiers, lowest first.
    pub const ALL: [Tier; 3] = [Tier::Tier1, Tier::Tier2, Tier::Tier3];

    /// The name on the wire: `tier1`, `tier2`, `tier3`.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Tier1 => "tier1",
            Tier::Tier2 => "tier2",
            Tier::Tier3 => "tier3",
        }
    }

    /// The flag that decides who gets this tier.
    pub fn flag(self) -> FlagKey {
        match self {
            Tier::Tier1 => FlagKey::Tier1EntityLinking,
            Tier::Tier2 => FlagKey::Tier2SemanticExpansion,
            Tier::Tier3 => FlagKey::Tier3ResearchGrade,
        }
    }

    /// The tier below, which has to be enabled and loaded for this one to run.
    pub fn below(self) -> Option<Tier> {
        match self {
            Tier::Tier1 => None,
            Tier::Tier2 => Some(Tier::Tier1),
            Tier::Tier3 => Some(Tier::Tier2),
        }
    }

    /// This tier and those above it, lowest first: what goes when this one fails.
    pub fn and_above(self) -> &'static [Tier] {
        &Tier::ALL[self as usize..]
    }

    /// The mode in which this tier serves a query that names none.
    pub fn mode(self) -> Mode {
        match self {
            Tier::Tier1 => Mode::EntityLinked,
            Tier::Tier2 => Mode::SemanticExpanded,
            Tier::Tier3 => Mode::ResearchGrade,
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Tier {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Tier::ALL.into_iter().find(|tier| tier.name() == text).ok_or_else(|| UnknownName {
            what: "tier",
            given: text.to_owned(),
            accepted: "tier1, tier2, tier3",
        })
    }
}

/// How a query is answered. The order is that of the tiers which serve the modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Equal text after Unicode NFC; what legacy clients have always had.
    Exact,
    /// Tier 1: subject and object are linked to entities.
    EntityLinked,
    /// Tier 2: predicates and questions are understood.
    SemanticExpanded,
    /// Tier 2: near matches, ranked; only when asked for by name.
    FuzzyRanked,
    /// Tier 3: questions that take several steps.
    ResearchGrade,
}

impl Mode {
    /// All modes, lowest first.
    pub const ALL: [Mode; 5] =
        [Mode::Exact, Mode::EntityLinked, Mode::SemanticExpanded, Mode::FuzzyRanked, Mode::ResearchGrade];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Exact => "exact",
            Mode::EntityLinked => "entity_linked",
            Mode::SemanticExpanded => "semantic_expanded",
            Mode::FuzzyRanked => "fuzzy_ranked",
            Mode::ResearchGrade => "research_grade",
        }
    }

    /// The tier that serves this mode; `None` for exact.
    pub fn tier(self) -> Option<Tier> {
        match self {
            Mode::Exact => None,
            Mode::EntityLinked => Some(Tier::Tier1),
            Mode::SemanticExpanded | Mode::FuzzyRanked => Some(Tier::Tier2),
            Mode::ResearchGrade => Some(Tier::Tier3),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mode {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Mode::ALL.into_iter().find(|mode| mode.name() == text).ok_or_else(|| UnknownName {
            what: "enhancement mode",
            given: text.to_owned(),
            accepted: "exact, entity_linked, semantic_expanded, fuzzy_ranked, research_grade",
        })
    }
}

/// A name that is none of those accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is no {what}; accepted: {accepted}")]
pub struct UnknownName {
    /// What was expected.
    pub what: &'static str,
    /// What was given.
    pub given: String,
    /// What would have been accepted, comma-separated.
    pub accepted: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_wire_are_those_that_parse() {
        for mode in Mode::ALL {
            assert_eq!(mode.name().parse(), Ok(mode));
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.name());
        }
        for tier in Tier::ALL {
            assert_eq!(tier.name().parse(), Ok(tier));
            assert_eq!(serde_json::to_value(tier).unwrap(), tier.name());
            assert_eq!(tier.mode().tier(), Some(tier));
        }
    }

    #[test]
    fn a_failing_tier_takes_those_above_with_it() {
        assert_eq!(Tier::Tier2.and_above(), [Tier::Tier2, Tier::Tier3]);
        assert_eq!(Tier::Tier1.and_above(), Tier::ALL);
    }
}
