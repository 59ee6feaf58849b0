//! `attach`: follows a run that another process of this machine drives, and ends with its exit code.

use std::time::Duration;

use find_facts_rollout::end::End;
use find_facts_rollout::journal::{Entry, JournalError, Line};
use find_facts_rollout::ports::Audience;
use find_facts_rollout::state::State;
use find_facts_rollout::step::{start, step};

use super::orders::is_driven;
use crate::audience::Teller;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::run::{Stored, choose};

/// How often the journal is looked at.
const EVERY: Duration = Duration::from_millis(500);

/// Follows the run asked for, else the last one.
pub fn attach(context: &Context, asked: Option<&str>) -> Result<Exit, Failure> {
    let run = choose(&context.runs, asked)?;
    let stored = Stored::read(&context.runs, &run)?;
    let teller = Teller::new(context.output, &stored.opened, &stored.prepared.schedule);
    let followed = follow(&stored, &teller);
    teller.finish();
    let end = followed?;
    context.output.show(&end, |end| format!("{run}: {end}"));
    Ok(Exit::from(&end))
}

fn follow(stored: &Stored, teller: &Teller) -> Result<End, Failure> {
    let (mut state, actions) = start(&stored.prepared.schedule);
    actions.notes.iter().for_each(|note| teller.hear(note));
    let mut seen = 0;
    loop {
        // Whoever drives it may write its last line and let go between two looks: first who, then what.
        let is_driven = is_driven(&stored.folder)?;
        let lines = stored.folder.look()?;
        for line in lines.iter().skip(seen) {
            state = hear(stored, teller, state, line)?;
        }
        seen = lines.len();
        if let find_facts_rollout::state::Stage::Ended(end) = &state.stage {
            return Ok(end.clone());
        }
        if !is_driven {
            return Err(Failure::Abandoned { run: stored.opened.run.clone() });
        }
        std::thread::sleep(EVERY);
    }
}

fn hear(stored: &Stored, teller: &Teller, state: State, line: &Line) -> Result<State, Failure> {
    let Entry::Input(input) = &line.entry else { return Ok(state) };
    let impossible = |source| JournalError::Impossible { line: line.n, source };
    let (state, actions) = step(&stored.prepared.schedule, state, input.clone()).map_err(impossible)?;
    actions.notes.iter().for_each(|note| teller.hear(note));
    Ok(state)
}
