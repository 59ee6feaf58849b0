//! Who asks: the key that makes a decision sticky, and the segments an authenticated client belongs to.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A named group of clients, such as `research`. Comes from the client's own entry in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Segment(pub Arc<str>);

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who sent a request, as far as flags care.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Caller {
    /// Authenticated id, else the `X-Targeting-Key` header, else the connection's address.
    pub targeting_key: Arc<str>,
    /// Segments of an authenticated client; empty for everybody else.
    pub segments: Arc<[Segment]>,
}

impl Caller {
    /// A caller that is in no segment.
    pub fn unauthenticated(targeting_key: impl Into<Arc<str>>) -> Self {
        Self { targeting_key: targeting_key.into(), segments: Arc::new([]) }
    }
}

/// Which side of a comparison a request counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cohort {
    /// Exposed to the tier whose percentage is moving.
    Canary,
    /// As many callers as the canary has, from the far end of the same hash.
    Control,
    /// Neither.
    Rest,
    /// Asked by the operator; in no window.
    Operator,
}

impl Cohort {
    /// All cohorts.
    pub const ALL: [Cohort; 4] = [Cohort::Canary, Cohort::Control, Cohort::Rest, Cohort::Operator];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Cohort::Canary => "canary",
            Cohort::Control => "control",
            Cohort::Rest => "rest",
            Cohort::Operator => "operator",
        }
    }
}

impl fmt::Display for Cohort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
