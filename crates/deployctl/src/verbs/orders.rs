//! `pause`, `resume`, `promote`, `retry` and `abort`: an operator's word to a run. A run that goes on somewhere takes it from
//! the server; one of this machine that was cut off or held goes on with it.

use find_facts_api::rollout::{Command, RolloutState, RolloutWrite};
use find_facts_rollout::journal::{JournalError, RunFolder};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::run::{self, Stored};

const PATH: &str = "/admin/v1/rollout";

/// Gives a command to the run asked for, else to the one that is going on.
pub fn order(context: &Context, asked: Option<&str>, command: Command) -> Result<Exit, Failure> {
    match waiting_here(context, asked)? {
        Some(run) if context.dry_run => {
            context.output.say(&format!("would go on with {run}: {}", name(command)));
            Ok(Exit::Completed)
        }
        Some(run) => run::go_on(context, &run, Some(command)),
        None => leave(context, command),
    }
}

/// Leaves a command on the server, for the run that holds it.
pub fn leave(context: &Context, command: Command) -> Result<Exit, Failure> {
    let client = context.client()?;
    if context.dry_run {
        let state: RolloutState = client.get(PATH)?;
        let run = state.progress.map(|progress| progress.run);
        context.output.show(&run, |run| match run {
            Some(run) => format!("would ask {run}: {}", name(command)),
            None => "there is no run to ask".to_owned(),
        });
        return Ok(Exit::Completed);
    }
    let state: RolloutState = client.put(PATH, &RolloutWrite::Command { command, by: run::holder() })?;
    context.output.show(&state, |state| match state.commands.last() {
        Some(waiting) => format!("asked {}: {}; it takes it up within seconds", waiting.run, name(command)),
        None => format!("asked: {}", name(command)),
    });
    Ok(Exit::Completed)
}

/// The run of this machine that nobody drives and that is not over: the one asked for, else the last.
fn waiting_here(context: &Context, asked: Option<&str>) -> Result<Option<String>, Failure> {
    let run = match run::choose(&context.runs, asked) {
        Ok(run) => run,
        Err(Failure::NoRun { run: None, .. }) => return Ok(None),
        Err(other) => return Err(other),
    };
    let stored = Stored::read(&context.runs, &run)?;
    if is_driven(&stored.folder)? {
        return Ok(None);
    }
    let is_over = stored.replay()?.ended().is_some() && run::is_closed(&context.runs, &run)?;
    // A run that was named is told about; the last one only if there is something left to do.
    Ok((asked.is_some() || !is_over).then_some(run))
}

/// Whether another process has the run's journal.
pub fn is_driven(folder: &RunFolder) -> Result<bool, Failure> {
    match folder.journal() {
        Ok(_) => Ok(false),
        Err(JournalError::InUse { .. }) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

fn name(command: Command) -> String {
    format!("{command:?}").to_lowercase()
}
