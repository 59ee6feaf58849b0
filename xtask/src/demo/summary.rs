//! What the demo showed, and whether all of it held.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::record::Share;

/// The end of a run of deployctl, and the one it should have had.
pub(super) struct Expected {
    pub(super) what: &'static str,
    pub(super) wanted: i32,
    pub(super) exit: Option<i32>,
}

/// What all callers saw.
pub(super) struct Callers {
    requests: u64,
    callers: u64,
    faults: u64,
}

/// Everything that the demo measured.
pub(super) struct Summary {
    pub(super) ended: [Expected; 3],
    pub(super) traffic: Callers,
    /// Right answers to aliases and typos before the tier reached anybody.
    pub(super) before: Share,
    /// The same with the tier at 100 %.
    pub(super) after: Share,
    /// As deployctl measured it.
    pub(super) added: Option<String>,
    /// Milliseconds from the fault to the last caller who met the tier; none where nobody did.
    pub(super) exposed_for: Result<Option<u64>>,
    pub(super) took: Duration,
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

/// The criterion of Phase 2's report that tells what the tier adds to a request.
pub(super) fn added_latency(report: &Value) -> Option<String> {
    let criteria = report["criteria"].as_array()?;
    let row =
        criteria.iter().find(|row| row["name"].as_str().is_some_and(|name| name.starts_with("p95 added")))?;
    row["measured"].as_str().map(str::to_owned)
}

impl Summary {
    /// Whether every part of the demo ended as it should.
    pub(super) fn held(&self) -> bool {
        self.ended.iter().all(|run| run.exit == Some(run.wanted))
            && self.traffic.faults == 0
            && self.after.percent() > self.before.percent()
            && self.exposed_for.is_ok()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for run in &self.ended {
            let exit = run.exit.map_or("killed".to_owned(), |code| format!("exit code {code}"));
            writeln!(f, "{:<32} {exit}, as it should be {}", run.what, run.wanted)?;
        }
        let Callers { requests, callers, faults } = self.traffic;
        writeln!(f, "{:<32} {requests} from {callers} callers", "requests served")?;
        writeln!(f, "{:<32} {faults}", "failed or changed for legacy")?;
        let percent = |share: Share| match share.percent() {
            Some(percent) => format!("{percent:.1} % of {}", share.of),
            None => "nobody asked".to_owned(),
        };
        writeln!(f, "{:<32} {}", "accuracy on variations, before", percent(self.before))?;
        writeln!(f, "{:<32} {}", "accuracy on variations, after", percent(self.after))?;
        writeln!(f, "{:<32} {}", "latency added, p95", self.added.as_deref().unwrap_or("not measured"))?;
        let exposed = match &self.exposed_for {
            Ok(Some(ms)) => format!("{:.1} s", *ms as f64 / 1000.0),
            Ok(None) => "nobody met it".to_owned(),
            Err(error) => format!("{error:#}"),
        };
        writeln!(f, "{:<32} {exposed}", "fault to last exposed caller")?;
        write!(f, "{:<32} {:.0} s", "the demo took", self.took.as_secs_f64())
    }
}
