//! What a well-formed plan can still get wrong: figures that contradict each other, or that can never be met.

use std::collections::BTreeSet;
use std::time::Duration;

use find_facts_core::{Percent, Tier};

use super::check::nearest;
use super::friendly::text;
use super::infrastructure::InfrastructurePlan;
use super::suites::SuitesPlan;
use super::tier::TierPlan;
use super::{LeasePlan, Plan};

/// No window is shorter than this, scaled or not: below it a server has not collected figures even once.
pub const MIN_WINDOW: Duration = Duration::from_secs(5);
/// Nothing is looked at more often than this, scaled or not.
pub const MIN_CHECK: Duration = Duration::from_secs(1);
/// A 95th percentile of fewer values than this is mostly noise.
const MIN_FOR_P95: usize = 100;

/// With what is added to it, the name is still a folder's, and fits into the headers that carry it.
const LONGEST_NAME: usize = 64;

/// What is known of the world that a plan names; `None` is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Keys of the model catalogue.
    pub models: Option<BTreeSet<String>>,
}

type Lints = Vec<(String, String)>;

/// Everything that is wrong, each with its path.
pub(super) fn lint(plan: &Plan, known: &Known) -> Lints {
    let mut lints = Lints::new();
    lint_name(plan.name(), &mut lints);
    lint_lease(plan.lease(), &mut lints);
    match plan {
        Plan::Infrastructure(plan) => lint_infrastructure(plan, known, &mut lints),
        Plan::Tier(plan) => lint_tier(plan, known, &mut lints),
    }
    lints
}

/// Notes a fault of the value at `path` unless `holds`.
fn expect(lints: &mut Lints, holds: bool, path: &str, message: impl FnOnce() -> String) {
    if !holds {
        lints.push((path.to_owned(), message()));
    }
}

/// A run's folder and its name at the server begin with the plan's name.
fn lint_name(name: &str, lints: &mut Lints) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let holds =
        name.bytes().all(is_plain) && (1..=LONGEST_NAME).contains(&name.len()) && !name.starts_with('.');
    expect(lints, holds, "name", || {
        format!(
            "`{name}` cannot name a run; accepted: 1 to {LONGEST_NAME} letters, digits, `-`, `_` and `.`, not beginning \
             with `.`"
        )
    });
}

fn lint_lease(lease: LeasePlan, lints: &mut Lints) {
    expect(lints, lease.renew_every >= MIN_CHECK, "lease.renew_every", || {
        format!("`{}` is too often; accepted: {} or more", text(lease.renew_every), text(MIN_CHECK))
    });
    expect(lints, lease.ttl >= lease.renew_every * 2, "lease.ttl", || {
        format!(
            "`{}` leaves no room for one missed renewal; accepted: at least twice `renew_every`, {}",
            text(lease.ttl),
            text(lease.renew_every * 2)
        )
    });
}

fn lint_infrastructure(plan: &InfrastructurePlan, known: &Known, lints: &mut Lints) {
    expect(lints, !plan.models.pull.is_empty(), "models.pull", || "names no model".to_owned());
    let mut seen = BTreeSet::new();
    for (index, model) in plan.models.pull.iter().enumerate() {
        let path = format!("models.pull[{index}]");
        expect(lints, seen.insert(model), &path, || format!("`{model}` is named twice"));
        lint_model(model, &path, known, lints);
    }
    let impact = &plan.impact;
    expect(lints, impact.blocks >= 10, "impact.blocks", || {
        format!("`{}` blocks of each kind are too few; accepted: 10 or more", impact.blocks)
    });
    expect(lints, impact.requests >= 20, "impact.requests", || {
        format!("`{}` requests show no 95th percentile; accepted: 20 or more", impact.requests)
    });
    for (path, ratio) in [("impact.p50_ratio", impact.p50_ratio), ("impact.p95_ratio", impact.p95_ratio)] {
        expect(lints, ratio.is_finite() && ratio >= 1.0, path, || {
            format!("`{ratio}` would ask for less than no interference; accepted: 1.0 or more")
        });
    }
}

fn lint_model(model: &str, path: &str, known: &Known, lints: &mut Lints) {
    let Some(models) = &known.models else { return };
    expect(lints, models.contains(model), path, || {
        let list = models.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        match nearest(model, models.iter().map(String::as_str)) {
            Some(near) => {
                format!("no model `{model}` in the catalogue; did you mean `{near}`? accepted: {list}")
            }
            None => format!("no model `{model}` in the catalogue; accepted: {list}"),
        }
    });
}

fn lint_tier(plan: &TierPlan, known: &Known, lints: &mut Lints) {
    let tier = tier_of(plan.phase);
    expect(lints, plan.tier == tier, "tier", || {
        format!("`{}` is not the tier of phase {}; accepted: `{tier}`", plan.tier, plan.phase)
    });
    lint_model(&plan.initialise.model, "initialise.model", known, lints);
    lint_initialise(plan, lints);
    lint_suites(&plan.suites, lints);
    lint_exposure(plan, lints);
    expect(lints, plan.check_every >= MIN_CHECK, "check_every", || {
        format!("`{}` is too often; accepted: {} or more", text(plan.check_every), text(MIN_CHECK))
    });
    expect(lints, plan.cannot_see >= plan.check_every * 2, "cannot_see", || {
        format!(
            "`{}` is over before two looks failed; accepted: at least twice `check_every`",
            text(plan.cannot_see)
        )
    });
    for (path, share) in [
        ("limits.error_rate", plan.limits.error_rate),
        ("criteria.error_rate_below", plan.criteria.error_rate_below),
        ("limits.golden_right", plan.limits.golden_right),
    ] {
        expect(lints, share > Percent::ZERO && share < Percent::HUNDRED, path, || {
            format!("`{share}` is no limit; accepted: more than 0 and less than 100 percent")
        });
    }
    if let Some(growth) = plan.criteria.memory_growth_below_mb {
        expect(lints, growth.is_finite() && growth > 0.0, "criteria.memory_growth_below_mb", || {
            format!("`{growth}` asks for memory that shrinks; accepted: more than 0")
        });
    }
    expect(lints, plan.criteria.pairs >= MIN_FOR_P95, "criteria.pairs", || {
        format!("`{}` pairs show no 95th percentile; accepted: {MIN_FOR_P95} or more", plan.criteria.pairs)
    });
}

/// The tier that a phase takes into production.
fn tier_of(phase: u8) -> Tier {
    match phase {
        2 => Tier::Tier1,
        _ => Tier::Tier2,
    }
}

fn lint_initialise(plan: &TierPlan, lints: &mut Lints) {
    let initialise = &plan.initialise;
    for (path, share) in [
        ("initialise.min_confidence", initialise.min_confidence),
        ("initialise.similarity", initialise.similarity),
    ] {
        expect(lints, (0.0..=1.0).contains(&share), path, || {
            format!("`{share}` is out of range; accepted: 0 to 1")
        });
    }
    expect(lints, initialise.candidates >= 1, "initialise.candidates", || {
        "`0` candidates find nothing; accepted: 1 or more".to_owned()
    });
}

fn lint_suites(suites: &SuitesPlan, lints: &mut Lints) {
    expect(lints, suites.rows >= MIN_FOR_P95, "suites.rows", || {
        format!("`{}` rows show too little; accepted: {MIN_FOR_P95} or more", suites.rows)
    });
    for (path, share) in [
        ("suites.unit.right_above", suites.unit.right_above),
        ("suites.integration.right_above", suites.integration.right_above),
    ] {
        expect(lints, share < Percent::HUNDRED, path, || {
            "more than `100` percent can never be right; accepted: less than 100".to_owned()
        });
    }
    let rate = suites.performance.rate;
    expect(lints, rate.is_finite() && (0.1..=1000.0).contains(&rate), "suites.performance.rate", || {
        format!("`{rate}` requests a second is out of range; accepted: 0.1 to 1000")
    });
    let points = suites.acceptance.improvement_above;
    expect(lints, (0.0..100.0).contains(&points), "suites.acceptance.improvement_above", || {
        format!("`{points}` points can never be exceeded or mean no improvement; accepted: 0 to 100")
    });
}

fn lint_exposure(plan: &TierPlan, lints: &mut Lints) {
    expect(lints, !plan.exposure.is_empty(), "exposure", || {
        "has no step, so nobody would be exposed".to_owned()
    });
    let mut before = Percent::ZERO;
    for (index, step) in plan.exposure.iter().enumerate() {
        let at = |field: &str| format!("exposure[{index}].{field}");
        expect(lints, step.percentage > before, &at("percentage"), || {
            format!("`{}` is not above the step before it, {before}; percentages only grow", step.percentage)
        });
        before = step.percentage;
        if let Some(settle) = step.settle {
            expect(lints, settle >= MIN_CHECK, &at("settle"), || {
                format!("`{}` settles nothing; accepted: {} or more", text(settle), text(MIN_CHECK))
            });
        }
        expect(lints, step.watch >= MIN_WINDOW, &at("watch"), || {
            format!("`{}` is too short; accepted: {} or more", text(step.watch), text(MIN_WINDOW))
        });
        expect(lints, step.watch >= plan.check_every, &at("watch"), || {
            format!("`{}` is over before the first look; accepted: at least `check_every`", text(step.watch))
        });
        expect(lints, step.min_samples >= 20, &at("min_samples"), || {
            format!("`{}` attempts give no rate; accepted: 20 or more", step.min_samples)
        });
    }
    expect(lints, plan.criteria.reach <= before, "criteria.reach", || {
        format!("`{}` is never reached: the last step of the exposure has {before}", plan.criteria.reach)
    });
}
