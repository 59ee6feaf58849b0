//! `plan check` and `plan show`: a plan without running it.

use std::path::Path;

use find_facts_rollout::plan::{Plan, duration_text};
use find_facts_rollout::scale::TimeScale;
use find_facts_rollout::schedule::Schedule;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::render;
use crate::run::Prepared;

/// A plan's steps, for programs.
#[derive(Debug, Serialize)]
pub struct Steps<'a> {
    /// What waiting times are divided by.
    time_scale: TimeScale,
    /// The mark of a rehearsal.
    #[serde(skip_serializing_if = "Option::is_none")]
    rehearsal: Option<String>,
    /// How long all steps wait at least.
    waits_seconds: f64,
    /// The steps.
    steps: Vec<StepLine<'a>>,
    /// The plan as it was checked.
    plan: &'a Plan,
}

#[derive(Debug, Serialize)]
struct StepLine<'a> {
    step: &'a str,
    waits_seconds: f64,
}

impl<'a> Steps<'a> {
    /// Of a schedule.
    pub fn of(schedule: &'a Schedule) -> Self {
        let line = |step: &'a find_facts_rollout::schedule::Step| StepLine {
            step: &step.name,
            waits_seconds: step.waits.as_secs_f64(),
        };
        Self {
            time_scale: schedule.scale,
            rehearsal: schedule.scale.is_rehearsal().then(|| schedule.scale.to_string()),
            waits_seconds: schedule.waits().as_secs_f64(),
            steps: schedule.steps.iter().map(line).collect(),
            plan: &schedule.plan,
        }
    }
}

/// Says what is wrong with a plan, all of it.
pub fn check(context: &Context, file: &Path) -> Result<(), Failure> {
    let prepared = Prepared::of_file(file, TimeScale::REAL, context)?;
    context.output.show(&Steps::of(&prepared.schedule), |_| {
        let steps = prepared.schedule.steps.len();
        format!(
            "{} is good: {steps} steps, waits {} at least",
            file.display(),
            duration_text(prepared.schedule.waits())
        )
    });
    Ok(())
}

/// Shows a plan's steps.
pub fn show(context: &Context, file: &Path, scale: TimeScale) -> Result<(), Failure> {
    let prepared = Prepared::of_file(file, scale, context)?;
    context.output.show(&Steps::of(&prepared.schedule), |_| render::schedule(&prepared.schedule));
    Ok(())
}
