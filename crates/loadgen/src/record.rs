//! What one caller saw of one request: a line of the record.

use serde::{Deserialize, Serialize};

use crate::judge::Fault;
use crate::mix::Kind;

/// One answer, or its absence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// When it was answered, unix milliseconds.
    pub at_ms: u64,
    /// Who asked: the number in the targeting key.
    pub caller: usize,
    /// What was asked.
    pub kind: Kind,
    /// Microseconds from the moment it was due, so that a request that had to wait for its turn has waited.
    pub micros: u64,
    /// A tier took part.
    pub enhanced: bool,
    /// The facts are those that were asked for.
    pub right: bool,
    /// What legacy would not have done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}
