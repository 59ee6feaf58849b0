//! A plan's steps and how long they wait.

use std::time::Duration;

use find_facts_rollout::plan::duration_text;
use find_facts_rollout::schedule::{Schedule, StepKind};

use super::table;

/// Every step, and the time that all of them wait at least.
pub fn schedule(schedule: &Schedule) -> String {
    let mut table = table(["step", "what it does", "waits", "extends by"]);
    for step in &schedule.steps {
        let waits = if step.waits.is_zero() { String::new() } else { duration_text(step.waits) };
        let extend = match step.kind {
            StepKind::Watch(index) => extend(schedule, index).map(duration_text).unwrap_or_default(),
            _ => String::new(),
        };
        table.add_row([step.name.clone(), what(schedule, &step.kind), waits, extend]);
    }
    format!("{schedule}\n{table}\nwaits {} at least, work not counted\n", duration_text(schedule.waits()))
}

fn extend(schedule: &Schedule, index: usize) -> Option<Duration> {
    schedule.exposures().get(index).map(|exposure| schedule.scale.window(exposure.extend))
}

fn what(schedule: &Schedule, kind: &StepKind) -> String {
    let exposure = |index: &usize| schedule.exposures().get(*index);
    match kind {
        StepKind::Inspect => "check that the phase can begin".to_owned(),
        StepKind::RecordLegacy => "remember what legacy answers".to_owned(),
        StepKind::Pull(id) => format!("bring `{id}` into the server's cache, verified"),
        StepKind::AllOff => "store the flags with every tier off".to_owned(),
        StepKind::Monitoring => "check the monitoring that the server has".to_owned(),
        StepKind::Migrate => "bring the store's format up to date".to_owned(),
        StepKind::Impact => "compare exact answers, their bytes and their latency".to_owned(),
        StepKind::Initialise => "give the tier its parameters".to_owned(),
        StepKind::Load(id) => format!("bring `{id}` into memory"),
        StepKind::Settle(_) => "let them settle".to_owned(),
        StepKind::AwaitReady => "wait until the tier is ready".to_owned(),
        StepKind::Suite(suite) => format!("run the {suite} suite"),
        StepKind::Expose(index) => {
            exposure(index).map(|to| format!("give it to {} % of callers", to.percentage)).unwrap_or_default()
        }
        StepKind::Watch(index) => exposure(index)
            .map(|to| format!("watch them, at least {} attempts", to.min_samples))
            .unwrap_or_default(),
        StepKind::Confirm(_) => "look once more at those exposed".to_owned(),
        StepKind::Added => "measure the latency added".to_owned(),
        StepKind::Accuracy => "measure the success added".to_owned(),
        StepKind::Criteria => "hold what was measured against the criteria".to_owned(),
    }
}
