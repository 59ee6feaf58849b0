//! A server's status on one screen: what is wrong stands first.

use std::fmt::Write;

use find_facts_api::rollout::RolloutProgress;
use find_facts_core::health::{Figures, HealthReport, TierReport};

use crate::verbs::status::ServerStatus;

use super::table;

/// The whole screen.
pub fn status(status: &ServerStatus) -> String {
    let mut text = String::new();
    let _infallible = write!(
        text,
        "{}{}\n{}{}",
        overall(&status.health),
        crate::verbs::flags::text(&status.flags),
        tiers(&status.health),
        status.rollout.progress.as_ref().map(rollout).unwrap_or_default(),
    );
    text
}

fn overall(report: &HealthReport) -> String {
    let reasons: String = report.reasons.iter().map(|reason| format!("  {reason}\n")).collect();
    format!(
        "{:?}, ceiling {}, {} facts, {:.0} MB of {:.0} MB in use\n{reasons}",
        report.status,
        report.ceiling,
        report.kb.facts,
        report.memory.pss_bytes as f64 / 1e6,
        report.memory.limit_bytes as f64 / 1e6,
    )
}

fn tiers(report: &HealthReport) -> String {
    let mut table = table(["tier", "state", "status", "attempts", "errors", "p95", "cache hits", "reasons"]);
    for (tier, row) in &report.tiers {
        table.add_row([
            tier.to_string(),
            state(row),
            format!("{:?}", row.status).to_lowercase(),
            row.figures.attempts.to_string(),
            error_rate(&row.figures),
            p95(&row.figures),
            row.cache.hits.to_string(),
            row.reasons.join("; "),
        ]);
    }
    format!("{table}\n")
}

fn state(tier: &TierReport) -> String {
    let name = format!("{:?}", tier.state).to_lowercase();
    if tier.progress > 0.0 && tier.progress < 1.0 {
        format!("{name} {:.0} %", tier.progress * 100.0)
    } else {
        name
    }
}

fn error_rate(figures: &Figures) -> String {
    figures.error_rate.map_or_else(|| "too few".to_owned(), |rate| format!("{:.2} %", rate * 100.0))
}

fn p95(figures: &Figures) -> String {
    figures.p95_ms.map_or_else(|| "too few".to_owned(), |ms| format!("{ms:.1} ms"))
}

fn rollout(progress: &RolloutProgress) -> String {
    let rehearsal = if progress.time_scale > 1.0 {
        format!("REHEARSAL ×{}: ", progress.time_scale)
    } else {
        String::new()
    };
    let window = progress
        .observed_seconds
        .map(|[seen, of]| format!(", {seen:.0} of {of:.0} s observed"))
        .unwrap_or_default();
    let verdict = progress.verdict.as_ref().map(|verdict| format!("\n  {verdict}")).unwrap_or_default();
    format!(
        "{rehearsal}run {} of {}: {:?} at {}{}{window}{verdict}\n",
        progress.run,
        progress.plan,
        progress.status,
        progress.step,
        progress.percentage.map(|share| format!(", {share} %")).unwrap_or_default(),
    )
}
