//! `phase1` to `phase3` and `run`: a plan from its beginning to its end.

use std::path::Path;

use crate::cli::PhaseArgs;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::run::{self, Prepared};

use find_facts_rollout::scale::TimeScale;

/// Runs a phase's plan.
pub fn phase(context: &Context, phase: u8, args: &PhaseArgs) -> Result<Exit, Failure> {
    let prepared = Prepared::of_phase(phase, args.plan.as_deref(), args.time_scale, context)?;
    start(context, prepared, args.accept_licence)
}

/// Runs the plan in a file.
pub fn plan(context: &Context, file: &Path, scale: TimeScale, accept_licence: bool) -> Result<Exit, Failure> {
    start(context, Prepared::of_file(file, scale, context)?, accept_licence)
}

fn start(context: &Context, prepared: Prepared, accept_licence: bool) -> Result<Exit, Failure> {
    if !context.dry_run {
        return run::begin(context, prepared, accept_licence);
    }
    context.output.show(&super::plan::Steps::of(&prepared.schedule), |_| {
        format!("would run against {}\n{}", context.server(), render::schedule(&prepared.schedule))
    });
    Ok(Exit::Completed)
}
