//! A server's status on one screen: what is wrong stands first.

use std::fmt::Write;

use find_facts_api::rollout::RolloutProgress;
use find_facts_core::Cohort;
use find_facts_core::health::{CohortReport, Figures, HealthReport, TierReport};

use crate::verbs::status::ServerStatus;

use super::table;

/// The whole screen.
pub fn status(status: &ServerStatus) -> String {
    let mut text = String::new();
    let _infallible = write!(
        text,
        "{}{}\n{}{}{}",
        overall(&status.health),
        crate::verbs::flags::text(&status.flags),
        tiers(&status.health),
        cohorts(&status.health),
        status.rollout.progress.as_ref().map(rollout).unwrap_or_default(),
    );
    text
}

/// What is different from the status before, a line each; the whole of it at first.
pub fn changes(before: Option<&ServerStatus>, now: &ServerStatus) -> Vec<String> {
    let Some(before) = before else { return status(now).lines().map(str::to_owned).collect() };
    let mut lines = Vec::new();
    if (before.health.status, before.health.ceiling) != (now.health.status, now.health.ceiling) {
        lines.extend(overall(&now.health).lines().map(str::to_owned));
    }
    if before.flags.generation != now.flags.generation || before.flags.masks != now.flags.masks {
        lines.extend(crate::verbs::flags::text(&now.flags).lines().map(str::to_owned));
    }
    for (tier, row) in &now.health.tiers {
        let was = before.health.tiers.get(tier);
        if was.is_none_or(|was| (was.state, was.status) != (row.state, row.status)) {
            let reasons = row.reasons.join("; ");
            lines.push(format!("{tier}: {}, {:?} {reasons}", state(row), row.status).trim_end().to_owned());
        }
    }
    let told = |status: &ServerStatus| {
        status.rollout.progress.as_ref().map(|p| (p.step.clone(), p.status, p.verdict.clone()))
    };
    if told(before) != told(now) {
        lines.extend(now.rollout.progress.iter().map(|progress| rollout(progress).trim_end().to_owned()));
    }
    lines
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

/// Canary and control side by side, of every tier that somebody is exposed to; nothing where nobody is.
fn cohorts(report: &HealthReport) -> String {
    let mut table = table(["tier", "cohort", "attempts", "errors", "p95", "callers"]);
    let mut is_empty = true;
    for (tier, row) in &report.tiers {
        let cohort = |cohort: Cohort| row.cohorts.get(&cohort).cloned().unwrap_or_default();
        let (canary, control) = (cohort(Cohort::Canary), cohort(Cohort::Control));
        if canary.figures.attempts == 0 {
            continue;
        }
        is_empty = false;
        for (name, CohortReport { figures, callers, .. }) in
            [(Cohort::Canary, canary), (Cohort::Control, control)]
        {
            table.add_row([
                tier.to_string(),
                name.to_string(),
                figures.attempts.to_string(),
                error_rate(&figures),
                p95(&figures),
                callers.attempts.to_string(),
            ]);
        }
    }
    if is_empty { String::new() } else { format!("{table}\n") }
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

#[cfg(test)]
mod tests {
    use find_facts_core::Tier;
    use find_facts_core::health::Totals;
    use find_facts_testkit::healthy_report;

    use super::*;

    #[test]
    fn canary_and_control_stand_side_by_side_once_somebody_is_exposed() {
        let mut report = healthy_report();
        assert_eq!(cohorts(&report), "");
        let figures =
            Figures { attempts: 200, error_rate: Some(0.015), p95_ms: Some(12.0), ..Figures::default() };
        let callers = Totals { attempts: 40, ..Totals::default() };
        let cohort = |figures| CohortReport { figures, totals: Totals::default(), callers: callers.clone() };
        let tier = report.tiers.get_mut(&Tier::Tier1).unwrap();
        tier.cohorts.insert(Cohort::Canary, cohort(figures));
        tier.cohorts.insert(Cohort::Control, cohort(Figures { attempts: 7, ..Figures::default() }));
        let shown = cohorts(&report);
        let cells = |row: &str| row.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
        let rows: Vec<String> = shown.lines().map(cells).filter(|row| row.starts_with("tier1")).collect();
        assert_eq!(rows, ["tier1 canary 200 1.50 % 12.0 ms 40", "tier1 control 7 too few too few 40"]);
    }
}
