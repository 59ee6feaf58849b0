//! A phase's success criteria, held against what the phase measured itself.

use find_facts_analysis::totals::failures;
use find_facts_analysis::{rate, trend};
use find_facts_core::Tier;
use serde::{Deserialize, Serialize};

use crate::plan::{CriteriaPlan, ImpactPlan, InfrastructurePlan, Plan, TierPlan, duration_text};
use crate::state::Findings;

/// A row of the table at the end of a phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// What is asked.
    pub name: String,
    /// What is required.
    pub required: String,
    /// What was measured.
    pub measured: String,
    /// Whether that is enough.
    pub met: bool,
}

/// All criteria of a plan.
pub fn criteria(plan: &Plan, findings: &Findings) -> Vec<Criterion> {
    match plan {
        Plan::Infrastructure(plan) => infrastructure(plan, findings),
        Plan::Tier(plan) => tier(plan, &plan.criteria, findings),
    }
}

fn row(name: &str, required: String, measured: String, met: bool) -> Criterion {
    Criterion { name: name.to_owned(), required, measured, met }
}

fn infrastructure(plan: &InfrastructurePlan, findings: &Findings) -> Vec<Criterion> {
    let wanted = plan.models.pull.len();
    let cached = plan.models.pull.iter().filter(|id| findings.models.contains_key(*id)).count();
    let parts: Vec<String> =
        findings.monitoring.iter().map(|(part, saw)| format!("{part:?}: {saw}").to_lowercase()).collect();
    vec![
        row(
            "models cached and verified",
            format!("{wanted} of {wanted}"),
            format!("{cached} of {wanted}"),
            cached == wanted,
        ),
        row(
            "flags operational",
            "all tiers off, stored".to_owned(),
            findings
                .flags_off
                .map_or("not stored".to_owned(), |generation| format!("generation {generation}")),
            findings.flags_off.is_some(),
        ),
        row("monitoring active", "every part the server has".to_owned(), parts.join(", "), !parts.is_empty()),
        identical(findings),
        interference(&plan.impact, findings),
    ]
}

fn identical(findings: &Findings) -> Criterion {
    let required = "legacy answers byte for byte as before".to_owned();
    let Some((before, impact)) = findings.legacy.as_ref().zip(findings.impact.as_ref()) else {
        return row("zero impact: answers", required, "not measured".to_owned(), false);
    };
    let compared = before.digests.len();
    if before.kb_version != impact.legacy.kb_version {
        // Facts came or went in between, so only answers of one and the same moment can be compared.
        let measured =
            format!("{} of {compared} differ from exact (the facts changed meanwhile)", impact.differing);
        return row("zero impact: answers", required, measured, impact.differing == 0);
    }
    let changed = before.digests.iter().zip(&impact.legacy.digests).filter(|(was, is)| was != is).count();
    let measured = format!("{changed} of {compared} changed, {} differ from exact", impact.differing);
    let met = compared > 0 && changed == 0 && impact.differing == 0;
    row("zero impact: answers", required, measured, met)
}

fn interference(plan: &ImpactPlan, findings: &Findings) -> Criterion {
    let required = format!(
        "ratio of medians ≤ {} (p50), ≤ {} (p95), or under {} and {}",
        plan.p50_ratio,
        plan.p95_ratio,
        duration_text(plan.p50_tolerance),
        duration_text(plan.p95_tolerance)
    );
    let Some(impact) = &findings.impact else {
        return row("zero impact: latency", required, "not measured".to_owned(), false);
    };
    let found = &impact.interference;
    let text = |name: &str, compared: &find_facts_analysis::Comparison| {
        format!("{name} {:.3} [{:.3}, {:.3}]", compared.ratio, compared.low, compared.high)
    };
    let measured =
        format!("{}, {}, {} blocks each", text("p50", &found.p50), text("p95", &found.p95), found.blocks);
    row("zero impact: latency", required, measured, found.passes())
}

fn tier(plan: &TierPlan, required: &CriteriaPlan, findings: &Findings) -> Vec<Criterion> {
    let mut rows =
        vec![added(required, findings), errors(required, findings), accuracy(plan.tier, required, findings)];
    rows.extend(required.memory_growth_below_mb.map(|limit| memory(limit, findings)));
    rows.push(row(
        "callers reached",
        format!("{} %", required.reach),
        format!("{} % of {}", findings.reached, plan.tier),
        findings.reached >= required.reach,
    ));
    rows
}

fn added(required: &CriteriaPlan, findings: &Findings) -> Criterion {
    let name = "p95 added to one request";
    let wanted = format!("< {}, over ≥ {} pairs", duration_text(required.p95_added_below), required.pairs);
    let Some(added) = findings.added else { return row(name, wanted, "not measured".to_owned(), false) };
    let p95 = added.p95_ms;
    let measured = format!("{:.2} ms [{:.2}, {:.2}] over {} pairs", p95.value, p95.low, p95.high, p95.n);
    let met = p95.n >= required.pairs && p95.value < required.p95_added_below.as_secs_f64() * 1e3;
    row(name, wanted, measured, met)
}

fn errors(required: &CriteriaPlan, findings: &Findings) -> Criterion {
    let (failed, attempts) = (failures(&findings.observed), findings.observed.attempts);
    let name = "errors";
    let wanted = format!("< {} %", required.error_rate_below);
    let Some(rate) = rate(failed, attempts) else {
        return row(name, wanted, "no attempts".to_owned(), false);
    };
    let percent = 100.0 * rate.share;
    let measured = format!("{percent:.2} % [≤ {:.2}] of {attempts} attempts", 100.0 * rate.high);
    row(name, wanted, measured, percent < f64::from(required.error_rate_below))
}

/// Memory that grows for as long as there is load ends at its limit, sooner or later.
fn memory(limit: f64, findings: &Findings) -> Criterion {
    let name = "memory stable under load";
    let wanted = format!("grows by less than {limit} MB a day");
    let Some(found) = trend(&findings.memory) else {
        return row(name, wanted, "too few looks to see a slope".to_owned(), false);
    };
    let measured = format!(
        "{:+.1} MB a day [{:+.1}, {:+.1}] over {} points of {} watches",
        found.slope,
        found.low,
        found.high,
        found.points,
        findings.memory.len()
    );
    row(name, wanted, measured, found.slope < limit)
}

fn accuracy(tier: Tier, required: &CriteriaPlan, findings: &Findings) -> Criterion {
    let name = match tier {
        Tier::Tier1 => "accuracy on entity variations",
        Tier::Tier2 => "semantic query success",
        Tier::Tier3 => "complex query success",
    };
    let wanted = format!("> {:+} points", required.improvement_above);
    let Some(accuracy) = findings.accuracy else {
        return row(name, wanted, "not measured".to_owned(), false);
    };
    let found = accuracy.improvement;
    let measured = format!(
        "{:+.1} points [{:+.1}, {:+.1}]: {:.1} % → {:.1} % of {}",
        found.points, found.low, found.high, found.exact, found.enhanced, found.n
    );
    row(name, wanted, measured, found.points > required.improvement_above)
}
