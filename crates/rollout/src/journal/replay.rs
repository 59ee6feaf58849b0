//! From a journal to where the run stands. The journal is the state: nothing else is remembered.

use super::{Entry, JournalError, Opened};
use crate::end::End;
use crate::schedule::Schedule;
use crate::state::State;
use crate::step::{Next, start, step};

/// A run as its journal tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// Where it stands.
    pub state: State,
    /// What it does next; notes of the past are left out.
    pub next: Next,
    /// The number of the last act whose intent was written down.
    pub intended: u64,
}

impl Replayed {
    /// How the run has ended, unless it can be taken up again.
    pub fn ended(&self) -> Option<&End> {
        match &self.next {
            Next::Stop(end) if !matches!(end, End::Held { .. }) => Some(end),
            _ => None,
        }
    }
}

/// Replays entries. `opened` is what the run would go on with; a journal of another plan is refused.
pub fn replay<'e>(
    schedule: &Schedule,
    opened: &Opened,
    entries: impl IntoIterator<Item = &'e Entry>,
) -> Result<Replayed, JournalError> {
    let mut entries = entries.into_iter().zip(1..);
    match entries.next() {
        Some((Entry::Opened(began), _))
            if began.digest == opened.digest && began.time_scale == opened.time_scale => {}
        Some((Entry::Opened(began), _)) => {
            let name = |opened: &Opened| format!("{} {}", opened.digest, opened.time_scale).trim().to_owned();
            return Err(JournalError::OtherPlan { began_with: name(began), now: name(opened) });
        }
        _ => return Err(JournalError::NotBegun),
    }
    let (mut state, mut actions) = start(schedule);
    let mut intended = 0;
    for (entry, line) in entries {
        match entry {
            Entry::Opened(_) => {}
            Entry::Intent(act) => intended = act.number,
            Entry::Input(input) => {
                (state, actions) = step(schedule, state, input.clone())
                    .map_err(|source| JournalError::Impossible { line, source })?;
            }
        }
    }
    Ok(Replayed { state, next: actions.next, intended })
}
