//! Changes to the flags: forward by one step of the plan, and back to what was proven. Everything else stays as it is.

use std::collections::BTreeMap;

use find_facts_api::admin::{GenerationRecord, ReloadRequest};
use find_facts_core::{FlagSet, FlagState, Generation, Percent};

use crate::end::{End, RolledBackBy};
use crate::plan::TierPlan;
use crate::schedule::{Schedule, StepKind};
use crate::state::State;

/// The change that a step makes.
pub(super) fn forward(schedule: &Schedule, state: &State, kind: &StepKind) -> ReloadRequest {
    let unchanged = ReloadRequest { expect_generation: state.generation, flags: None, tiers: None };
    match (kind, schedule.tier_plan()) {
        (StepKind::AllOff, _) => ReloadRequest { flags: Some(FlagSet::all_off()), ..unchanged },
        (StepKind::Initialise, Some(plan)) => {
            let tiers = BTreeMap::from([(plan.tier, Some(plan.initialise.params()))]);
            ReloadRequest { tiers: Some(tiers), ..unchanged }
        }
        (StepKind::Expose(index) | StepKind::Confirm(index), Some(plan)) => {
            let share = plan.exposure.get(*index).map(|step| step.percentage).unwrap_or_default();
            ReloadRequest { flags: Some(one_flag(plan, exposed(state, share))), ..unchanged }
        }
        _ => unchanged,
    }
}

/// The change back, where the run has changed who gets the tier.
pub(super) fn back(schedule: &Schedule, state: &State) -> Option<ReloadRequest> {
    let plan = schedule.tier_plan()?;
    state.exposed?;
    // Callers who had the tier before get it back as it was; where nobody had it, it stays loaded for whoever looks for the fault.
    let params = (state.before.reach() > Percent::ZERO)
        .then(|| BTreeMap::from([(plan.tier, state.before.params.clone())]));
    Some(ReloadRequest {
        expect_generation: state.generation,
        flags: Some(one_flag(plan, state.before.flag.clone())),
        tiers: params,
    })
}

/// The tier's rule at a share of callers; segments stay as they were.
fn exposed(state: &State, percentage: Percent) -> FlagState {
    FlagState { enabled: true, percentage, segments: state.before.flag.segments.clone() }
}

fn one_flag(plan: &TierPlan, rule: FlagState) -> FlagSet {
    FlagSet(BTreeMap::from([(plan.tier.flag(), rule)]))
}

/// What generations mean that somebody else has stored meanwhile.
pub(super) enum Foreign {
    /// The tier's flag is as the run left it: it goes on with the newer generation.
    Unrelated { generation: Generation, by: String },
    /// The tier was switched off, or changed by hand: the run is over.
    Over(End),
}

/// Judges generations stored since the run's own, oldest first; `None` where there are none.
pub(super) fn foreign(plan: &TierPlan, state: &State, since: &[GenerationRecord]) -> Option<Foreign> {
    let key = plan.tier.flag();
    let ours = match state.exposed {
        Some(share) => exposed(state, share),
        None => state.before.flag.clone(),
    };
    let newer = since.iter().filter(|record| record.generation > state.generation);
    let rule = |record: &GenerationRecord| record.flags.get(key).cloned().unwrap_or_default();
    let last = newer.clone().next_back()?;
    if same(&rule(last), &ours) {
        return Some(Foreign::Unrelated { generation: last.generation, by: last.by.clone() });
    }
    let first = newer.clone().find(|record| !same(&rule(record), &ours)).unwrap_or(last);
    let what = format!("generation {} by {}: {}", first.generation, first.by, first.reason);
    Some(Foreign::Over(match first.by.as_str() {
        "rollback" => End::RolledBack { by: RolledBackBy::Server, reason: what },
        _ => End::Aborted { reason: format!("`{key}` was changed by somebody else, {what}") },
    }))
}

/// Whether two rules give the tier to the same callers.
fn same(one: &FlagState, other: &FlagState) -> bool {
    one == other || (!one.enabled && !other.enabled)
}
