//! Whether a phase can begin. Everything that stands in its way is named at once; nothing has been changed yet.

use std::time::Duration;

use find_facts_core::{FlagKey, Percent};

use crate::act::Inspection;
use crate::plan::{InfrastructurePlan, Plan, TierPlan, duration_text};
use crate::schedule::Schedule;
use crate::watch::concerns;

/// What stands in the way; empty when the phase can begin.
pub(super) fn obstacles(schedule: &Schedule, found: &Inspection) -> Vec<String> {
    match &schedule.plan {
        Plan::Infrastructure(plan) => infrastructure(plan, found),
        Plan::Tier(plan) => tier(plan, schedule, found),
    }
}

fn infrastructure(plan: &InfrastructurePlan, found: &Inspection) -> Vec<String> {
    let mut obstacles = Vec::new();
    if found.facts < plan.environment.facts {
        obstacles.push(format!(
            "the knowledge base has {} facts; required: at least {}",
            found.facts, plan.environment.facts
        ));
    }
    obstacles.extend(short_of_memory(plan.environment.available_memory_mb, found));
    obstacles.extend(plan.models.pull.iter().filter_map(|id| unpinned(id, found)));
    obstacles.extend(FlagKey::ALL.into_iter().filter_map(|key| in_production(key, found)));
    obstacles
}

fn short_of_memory(required_mb: u64, found: &Inspection) -> Option<String> {
    let available = found.available_bytes / 1_000_000;
    (available < required_mb)
        .then(|| format!("{available} MB of memory are available; required: {required_mb} MB"))
}

/// A tier without the one below it never runs: its percentage would be a rollout that nobody meets.
fn without_lower(plan: &TierPlan, found: &Inspection) -> Option<String> {
    let lower = plan.tier.below()?;
    let is_on = found.flags.flags.get(lower.flag()).is_some_and(|rule| rule.enabled);
    let missing = match (is_on, found.flags.tiers.contains_key(&lower)) {
        (true, true) => return None,
        (true, false) => "initialised",
        (false, _) => "enabled",
    };
    Some(format!("{} runs only above {lower}, which is not {missing}", plan.tier))
}

/// A model that a phase may not use: without a digest nobody knows what would be loaded.
fn unpinned(id: &str, found: &Inspection) -> Option<String> {
    match found.models.iter().find(|model| model.id == id) {
        None => Some(format!("the server's catalogue has no model `{id}`")),
        Some(model) if !model.pinned => Some(format!(
            "model `{id}` has no digest in the catalogue; `deployctl models pin {id}` records it"
        )),
        Some(_) => None,
    }
}

/// A tier that a run or a person has put into production: storing "all off" would take it from its callers.
fn in_production(key: FlagKey, found: &Inspection) -> Option<String> {
    let rule = found.flags.flags.get(key)?;
    let reaches = rule.enabled && (rule.percentage > Percent::ZERO || !rule.segments.is_empty());
    let newest = found.history.iter().rev();
    let setter = newest.take_while(|record| record.flags.get(key) == Some(rule)).last()?;
    if !reaches || setter.by == "configuration" {
        return None;
    }
    Some(format!(
        "`{key}` is in production at {} %, since generation {} by {}; this phase would switch it off",
        rule.percentage, setter.generation, setter.by
    ))
}

fn tier(plan: &TierPlan, schedule: &Schedule, found: &Inspection) -> Vec<String> {
    let mut obstacles = Vec::new();
    let reach =
        found.flags.flags.get(plan.tier.flag()).filter(|rule| rule.enabled).map(|rule| rule.percentage);
    if let (Some(reach), Some(first)) = (reach, plan.exposure.first())
        && reach > first.percentage
    {
        obstacles.push(format!(
            "{} already reaches {reach} % of callers, more than the plan's first step, {} %",
            plan.tier, first.percentage
        ));
    }
    obstacles.extend(plan.capacity.and_then(|capacity| short_of_memory(capacity.available_memory_mb, found)));
    obstacles.extend(without_lower(plan, found));
    if let Some(mask) = found.masks.iter().find(|mask| concerns(mask, plan.tier)) {
        obstacles.push(format!("{} is masked: {mask}", plan.tier));
    }
    obstacles.extend(unpinned(&plan.initialise.model, found));
    if found.models.iter().any(|model| model.id == plan.initialise.model && model.pinned && !model.verified) {
        obstacles.push(format!(
            "model `{}` is not in the server's cache; `deployctl phase1` brings it there",
            plan.initialise.model
        ));
    }
    let health = Duration::try_from_secs_f64(found.window.seconds).unwrap_or_default();
    if let Some(shortest) = schedule.shortest_window().filter(|shortest| health > *shortest) {
        obstacles.push(format!(
            "the server's health window, {}, is longer than the shortest window of the plan, {}",
            duration_text(health),
            duration_text(shortest)
        ));
    }
    obstacles
}
