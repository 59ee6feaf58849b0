//! What may be done when figures are bad.

use serde::{Deserialize, Serialize};

use crate::health::HealthReport;
use crate::tier::Tier;

/// How loudly to say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody should look.
    Warning,
    /// Somebody has to look now.
    Critical,
}

/// A condition that held, the figures that show it, and what follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RollbackAction {
    /// The condition's stable name, such as `error_rate`.
    pub rule: String,
    /// The tier whose figures these are; `None` for the overall ones.
    pub tier: Option<Tier>,
    /// Tiers to switch off.
    pub disable: Vec<Tier>,
    /// How loudly to say it.
    pub severity: Severity,
    /// The figure that broke the limit.
    pub figure: f64,
    /// The limit it broke.
    pub limit: f64,
    /// Both in a sentence.
    pub reason: String,
}

/// Decides from a report what to switch off. The state is what it has to remember from one check to the next.
pub trait RollbackPolicy: Send {
    /// What to do now; empty when all is well.
    fn assess(&mut self, report: &HealthReport) -> Vec<RollbackAction>;
}
