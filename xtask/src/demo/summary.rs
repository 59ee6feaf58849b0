//! What the demo showed, and whether all of it held.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::record::Share;

/// What all callers saw.
pub(super) struct Callers {
    requests: u64,
    callers: u64,
    faults: u64,
}

/// Everything that the demo measured.
pub(super) struct Summary {
    pub(super) traffic: Callers,
    /// What each phase brought, lower tiers first.
    pub(super) tiers: [TierFigures; 2],
    /// The question that was shown got its answer with Tier 2, and had none before.
    pub(super) question_answered: bool,
    /// Milliseconds from the fault to the last caller who met the tier; none where nobody did.
    pub(super) exposed_for: Option<u64>,
    pub(super) took: Duration,
}

/// What one tier brought its callers.
pub(super) struct TierFigures {
    pub(super) tier: &'static str,
    /// What they asked.
    pub(super) of: &'static str,
    /// Right answers before the tier reached anybody.
    pub(super) before: Share,
    /// The same with the tier at 100 %.
    pub(super) after: Share,
    /// As deployctl measured it.
    pub(super) added: Option<String>,
}

/// Reads loadgen's summary.
pub(super) fn callers(path: &Path) -> Result<Callers> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let value: Value =
        serde_json::from_str(&text).with_context(|| format!("`{}` holds: {text}", path.display()))?;
    let count =
        |name: &str| value[name].as_u64().with_context(|| format!("the callers' summary has no `{name}`"));
    Ok(Callers { requests: count("requests")?, callers: count("callers")?, faults: count("faults")? })
}

/// The criterion of a phase's report that tells what the tier adds to a request.
pub(super) fn added_latency(report: &Value) -> Option<String> {
    let criteria = report["criteria"].as_array()?;
    let row =
        criteria.iter().find(|row| row["name"].as_str().is_some_and(|name| name.starts_with("p95 added")))?;
    row["measured"].as_str().map(str::to_owned)
}

impl Summary {
    /// Whether nobody noticed anything but better answers.
    pub(super) fn held(&self) -> bool {
        let is_better = |tier: &TierFigures| tier.after.percent() > tier.before.percent();
        self.traffic.faults == 0 && self.question_answered && self.tiers.iter().all(is_better)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Callers { requests, callers, faults } = self.traffic;
        writeln!(f, "{:<32} {requests} from {callers} callers", "requests served")?;
        writeln!(f, "{:<32} {faults}", "failed or changed for legacy")?;
        let percent = |share: Share| match share.percent() {
            Some(percent) => format!("{percent:.1} % of {}", share.of),
            None => "nobody asked".to_owned(),
        };
        for TierFigures { tier, of, before, after, added } in &self.tiers {
            let added = added.as_deref().unwrap_or("not measured");
            writeln!(f, "{:<32} {}", format!("accuracy on {of}, before"), percent(*before))?;
            writeln!(f, "{:<32} {}", format!("accuracy on {of}, after"), percent(*after))?;
            writeln!(f, "{:<32} {added}", format!("latency added by {tier}, p95"))?;
        }
        let exposed =
            self.exposed_for.map_or("nobody met it".to_owned(), |ms| format!("{:.1} s", ms as f64 / 1e3));
        writeln!(f, "{:<32} {exposed}", "fault to last exposed caller")?;
        write!(f, "{:<32} {:.0} s", "the demo took", self.took.as_secs_f64())
    }
}
