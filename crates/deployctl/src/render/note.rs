//! What a run says, in a line each. Looks and progress are lines of their own; who listens decides how many of them to show.

use find_facts_core::health::GoldenTotals;
use find_facts_rollout::act::Outcome;
use find_facts_rollout::criteria::Criterion;
use find_facts_rollout::note::Note;
use find_facts_rollout::suite::{SuiteResult, SuiteSource};
use find_facts_rollout::watch::{Evidence, Side, Verdict};

use super::{bytes, table};

/// The line of a note; none where it only repeats what another one says.
pub fn note(note: &Note) -> Option<String> {
    Some(match note {
        Note::StepBegan { step, number, of } => format!("[{number:>2}/{of}] {step}"),
        Note::StepDone { .. } | Note::ActBegan { .. } | Note::Criteria { .. } | Note::Ended { .. } => {
            return None;
        }
        Note::ActDone { outcome, .. } => format!("        {}", self::outcome(outcome)?),
        Note::Working { what, done: 0, of: 0, .. } => format!("        {what}"),
        Note::Working { what, done, of, .. } => format!("        {what}: {}", progress(what, *done, *of)),
        Note::Watching { percentage, observed_seconds: [seen, of], evidence, verdict, .. } => format!(
            "        {percentage} % of callers, {seen:.0} of {of:.0} s observed, {}: {verdict}",
            self::evidence(evidence)
        ),
        Note::Adopted { by, generation } => {
            format!("        generation {generation} by {by} changes other flags; going on")
        }
        Note::Ordered { command, by } => {
            format!("        {by} asks: {}", format!("{command:?}").to_lowercase())
        }
        Note::Resumed => "        going on in a new process".to_owned(),
        Note::Retrying { reason } => format!("        trying again: {reason}"),
        Note::GoingBack { reason } => format!("        going back to what was proven: {reason}"),
    })
}

/// What came of an act; none where there is nothing to add to its step.
pub fn outcome(outcome: &Outcome) -> Option<String> {
    Some(match outcome {
        Outcome::Changed(written) => format!("generation {}", written.generation),
        Outcome::Raced { since } => {
            let by: Vec<&str> = since.iter().map(|record| record.by.as_str()).collect();
            format!("somebody else was first: {}", by.join(", "))
        }
        Outcome::Pulled { bytes: size } => format!("{}, verified", bytes(*size)),
        Outcome::Migrated(schema) => format!("format {}", schema.version),
        Outcome::Inspected(found) => format!(
            "{} facts, {} available, generation {}",
            found.facts,
            bytes(found.available_bytes),
            found.flags.generation
        ),
        Outcome::Legacy(answers) => format!("{} answers remembered", answers.digests.len()),
        Outcome::Monitoring(parts) => parts
            .iter()
            .map(|(part, saw)| format!("{}: {saw}", format!("{part:?}").to_lowercase()))
            .collect::<Vec<_>>()
            .join("; "),
        Outcome::Loaded(model) => format!(
            "{} takes {} of memory, loaded in {:.1} s",
            model.id,
            bytes(model.bytes),
            model.load_ms / 1e3
        ),
        Outcome::Ready | Outcome::Settled => return None,
        Outcome::Suite(result) => suite(result),
        Outcome::Impact(impact) => format!(
            "{} answers differ; latency ×{:.3} (p50), ×{:.3} (p95) of exact",
            impact.differing, impact.interference.p50.ratio, impact.interference.p95.ratio
        ),
        Outcome::Added(added) => {
            format!("p95 added {:.2} ms over {} pairs", added.p95_ms.value, added.p95_ms.n)
        }
        Outcome::Accuracy(accuracy) => {
            let found = accuracy.improvement;
            format!("{:.1} % → {:.1} % right of {}", found.exact, found.enhanced, found.n)
        }
        Outcome::Failed { reason } => format!("failed: {reason}"),
    })
}

/// A suite's result, with its size and where its rows come from.
pub fn suite(result: &SuiteResult) -> String {
    let from = match &result.from {
        SuiteSource::File(file) => format!("`{file}`"),
        SuiteSource::KnowledgeBase { seed } => format!("the knowledge base, seed {seed}"),
    };
    let p95 = result.p95_ms.map(|p95| format!(", p95 {:.1} ms", p95.value)).unwrap_or_default();
    let gain = result.improvement.map(|found| format!(", {:+.1} points", found.points)).unwrap_or_default();
    format!("{} of {} rows right{p95}{gain}; rows from {from}", result.right, result.rows)
}

/// A window's figures, canary and control side by side.
pub fn evidence(evidence: &Evidence) -> String {
    match control(evidence) {
        Some(control) => format!("{} (control: {control})", canary(evidence)),
        None => canary(evidence),
    }
}

/// The canary's figures.
pub fn canary(evidence: &Evidence) -> String {
    let callers = evidence.compared.map(|sides| callers(sides.canary)).unwrap_or_default();
    let golden = match evidence.golden {
        golden if golden.is_empty() => String::new(),
        GoldenTotals { answered, right } => format!(", {right} of {answered} golden probes right"),
    };
    figures(evidence.attempts, "attempts", evidence.failures, evidence.p95_ms) + &callers + &golden
}

/// The control's figures; none where there is no control.
pub fn control(evidence: &Evidence) -> Option<String> {
    let callers = evidence.compared.map(|sides| callers(sides.control)).unwrap_or_default();
    let figures = figures(evidence.control, "requests", evidence.control_failures, evidence.control_p95_ms);
    (evidence.control > 0).then_some(figures + &callers)
}

fn figures(n: u64, what: &str, failures: u64, p95_ms: Option<f64>) -> String {
    let rate =
        if n > 0 { format!(", {:.2} % errors", 100.0 * failures as f64 / n as f64) } else { String::new() };
    let p95 = p95_ms.map(|ms| format!(", p95 {ms:.1} ms")).unwrap_or_default();
    format!("{n} {what}{rate}{p95}")
}

fn callers(side: Side) -> String {
    format!(", of {} callers {} failed and {} were slow", side.callers, side.failed, side.slow)
}

/// One word for a verdict.
pub fn verdict_name(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Healthy { .. } => "healthy",
        Verdict::Harmful { .. } => "harmful",
        Verdict::NotEnoughData { .. } => "not enough data",
        Verdict::CannotSee { .. } => "cannot see",
    }
}

/// The table at the end of a phase.
pub fn criteria(criteria: &[Criterion]) -> String {
    let mut table = table(["criterion", "required", "measured", "met"]);
    for row in criteria {
        let met = if row.met { "yes" } else { "NO" };
        table.add_row([row.name.as_str(), &row.required, &row.measured, met]);
    }
    table.to_string()
}

pub(super) fn progress(what: &str, done: u64, of: u64) -> String {
    let is_bytes = what.starts_with("pulling");
    match (is_bytes, of) {
        (true, 0) => bytes(done),
        (false, 0) => String::new(),
        (true, of) => format!("{} of {}", bytes(done), bytes(of)),
        (false, of) => format!("{done} of {of}"),
    }
}

#[cfg(test)]
mod tests {
    use find_facts_rollout::watch::Sides;

    use super::*;

    #[test]
    fn a_window_s_figures_are_those_of_both_cohorts() {
        let side = |callers, failed| Side { callers, failed, slow: 1 };
        let mut window = Evidence { attempts: 400, failures: 2, p95_ms: Some(12.0), ..Evidence::default() };
        assert_eq!(evidence(&window), "400 attempts, 0.50 % errors, p95 12.0 ms");
        window = Evidence {
            control: 900,
            control_p95_ms: Some(0.4),
            compared: Some(Sides { canary: side(40, 2), control: side(38, 0) }),
            ..window
        };
        assert_eq!(
            evidence(&window),
            "400 attempts, 0.50 % errors, p95 12.0 ms, of 40 callers 2 failed and 1 were slow \
             (control: 900 requests, 0.00 % errors, p95 0.4 ms, of 38 callers 0 failed and 1 were slow)"
        );
    }
}
