//! The decision: from where a run stands and what has happened to where it stands now and what to do next.
//!
//! Invariant: a pure function. The same inputs in the same order give the same state, so the journal is the state.

mod change;
mod inspect;
mod outcome;
mod turn;
mod watching;

use find_facts_api::rollout::Command;
use serde::{Deserialize, Serialize};

use crate::act::{Numbered, Outcome};
use crate::end::{End, RolledBackBy};
use crate::note::Note;
use crate::schedule::{Schedule, StepKind};
use crate::state::{Before, Findings, Stage, State};
use crate::watch::Look;
use turn::Turn;

/// What has happened. Every input is an entry of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// An act has an outcome.
    Outcome {
        /// The act's number.
        act: u64,
        /// Its outcome.
        outcome: Outcome,
    },
    /// The figures were looked at.
    Look(Look),
    /// An operator asks.
    Command {
        /// Its number among the server's waiting commands; none for one given at the start of a process.
        id: Option<u64>,
        /// What is asked.
        command: Command,
        /// Who asks.
        by: String,
    },
    /// Another process has taken the run up, after an unknown time.
    Resumed {
        /// Host and process, for people.
        holder: String,
    },
}

/// What follows: what to say, and the one thing to do next.
#[derive(Debug, Clone, PartialEq)]
pub struct Actions {
    /// For whoever listens.
    pub notes: Vec<Note>,
    /// What the run waits for.
    pub next: Next,
}

/// What a run does next, and so what it waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Do this, and come back with its outcome.
    Do(Numbered),
    /// Wait for the time between two looks, then look.
    Look,
    /// Wait for an operator's command.
    AwaitOrders,
    /// Stop: the run has ended like this.
    Stop(End),
}

/// An input that cannot have happened at this state: the journal is of another plan, or was tampered with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IllegalInput {
    /// An outcome of an act that is not under way.
    #[error("an outcome of act {act} arrived at step `{step}`, which waits for something else")]
    Outcome {
        /// The act.
        act: u64,
        /// The step.
        step: String,
    },
    /// An outcome of another kind than the step asks for.
    #[error("step `{step}` got an outcome of another kind: {got}")]
    Kind {
        /// The step.
        step: String,
        /// What arrived.
        got: String,
    },
    /// A look where nothing is watched.
    #[error("a look arrived at step `{step}`, which watches nothing")]
    Look {
        /// The step.
        step: String,
    },
    /// Going back was refused, so that the run can neither go on nor end.
    #[error("the server refuses to go back to what was proven: {reason}")]
    CannotGoBack {
        /// What it said.
        reason: String,
    },
}

/// The first state of a run, and what it does first.
pub fn start(schedule: &Schedule) -> (State, Actions) {
    let blank = State {
        at: 0,
        stage: Stage::Ended(End::Completed),
        paused: false,
        acts: 0,
        acknowledged: 0,
        generation: find_facts_core::Generation::default(),
        before: Before::default(),
        exposed: None,
        findings: Findings::default(),
    };
    Turn::new(schedule, blank).go_to(0).done()
}

/// The next state of a run, and what it does next.
pub fn step(schedule: &Schedule, state: State, input: Input) -> Result<(State, Actions), IllegalInput> {
    let turn = Turn::new(schedule, state);
    let turn = match input {
        Input::Outcome { act, outcome } => outcome::outcome(turn, act, outcome)?,
        Input::Look(look) => watching::look(turn, look)?,
        Input::Command { id, command, by } => ordered(turn, id, command, &by),
        Input::Resumed { .. } => resumed(turn),
    };
    Ok(turn.done())
}

fn resumed(mut turn: Turn<'_>) -> Turn<'_> {
    turn.tell(Note::Resumed);
    if let Stage::Watching(watch) = &mut turn.state.stage {
        **watch = watch.as_ref().clone().interrupted();
    }
    turn
}

fn ordered<'s>(mut turn: Turn<'s>, id: Option<u64>, command: Command, by: &str) -> Turn<'s> {
    if let Some(id) = id {
        if id <= turn.state.acknowledged {
            return turn;
        }
        turn.state.acknowledged = id;
    }
    if matches!(turn.state.stage, Stage::Leaving { .. }) || turn.has_ended_for_good() {
        return turn;
    }
    turn.tell(Note::Ordered { command, by: by.to_owned() });
    let held = matches!(turn.state.stage, Stage::Ended(End::Held { .. }));
    match command {
        Command::Pause => turn.pause(),
        Command::Resume | Command::Retry if held => measure_again(turn),
        Command::Resume => turn.unpause(),
        Command::Promote if held => turn.end(End::Completed),
        Command::Promote => promote(turn),
        Command::Retry => retry(turn),
        Command::Abort => turn.leave(End::Aborted { reason: format!("aborted by {by}") }),
        Command::Rollback => {
            let reason = format!("asked for by {by}");
            turn.leave(End::RolledBack { by: RolledBackBy::Operator, reason })
        }
    }
}

/// A held run measures its criteria again, if what it left is still in force.
fn measure_again(turn: Turn<'_>) -> Turn<'_> {
    match turn.schedule.position(|kind| matches!(kind, StepKind::Confirm(_))) {
        Some(confirm) => turn.unpause().go_to(confirm),
        None => turn,
    }
}

fn promote(turn: Turn<'_>) -> Turn<'_> {
    match &turn.state.stage {
        Stage::Watching(watch) => {
            let watch = watch.as_ref().clone();
            watching::finish(turn.unpause(), &watch)
        }
        _ => turn,
    }
}

fn retry(turn: Turn<'_>) -> Turn<'_> {
    let at = turn.state.at;
    turn.unpause().go_to(at)
}
