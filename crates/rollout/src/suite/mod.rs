//! Suites: rows of queries with what they have to find, asked of a running server as its operator.

mod generate;
mod noise;
mod result;
mod semantic;
mod wording;

use serde::{Deserialize, Serialize};

pub use find_facts_api::suite::{Row, RowFault, parse_rows};
pub use generate::generate;
pub(crate) use result::NOTHING;
pub use result::{KindResult, Miss, SuiteResult, SuiteSource};
pub use semantic::generate_semantic;

/// Which suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuiteKind {
    /// A mention to its entity, or a wording to its predicate, from the tier alone.
    Unit,
    /// Whole requests, fallbacks included.
    Integration,
    /// Latency at a rate.
    Performance,
    /// What the tier adds to exact matching.
    Acceptance,
}

impl SuiteKind {
    /// All suites, in the order in which they run.
    pub const ALL: [SuiteKind; 4] =
        [SuiteKind::Unit, SuiteKind::Integration, SuiteKind::Performance, SuiteKind::Acceptance];

    /// The name in plans, steps and files.
    pub fn name(self) -> &'static str {
        match self {
            SuiteKind::Unit => "unit",
            SuiteKind::Integration => "integration",
            SuiteKind::Performance => "performance",
            SuiteKind::Acceptance => "acceptance",
        }
    }
}

impl std::fmt::Display for SuiteKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
