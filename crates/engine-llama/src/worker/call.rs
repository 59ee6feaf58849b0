//! One call to a worker: send it, wait as long as anybody wants the answer, translate it back.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use find_facts_core::{Deadline, DeadlineExceeded, EngineError, Likelihood, Prompt};

use super::protocol::{Ask, Outcome, OwnedPrompt, ToWorker};
use super::state::Shared;

/// How often a waiting caller looks whether it is still wanted: the cancel flag wakes nobody.
const CANCEL_CHECK: Duration = Duration::from_millis(5);

pub(super) fn ask(
    shared: &Shared,
    engine: &str,
    prompt: &Prompt<'_>,
    ask: Ask,
    deadline: &Deadline,
) -> Result<Outcome, EngineError> {
    deadline.check()?;
    let unavailable = |reason| EngineError::Unavailable { engine: engine.to_owned(), reason };
    let (sender, answer) = mpsc::sync_channel(1);
    let micros = |left: Duration| u64::try_from(left.as_micros()).unwrap_or(u64::MAX);
    let (prompt, left_micros) = (OwnedPrompt::from(*prompt), deadline.remaining().map(micros));
    let call =
        shared.call(sender, |call| ToWorker::Call { call, prompt, ask, left_micros }).map_err(unavailable)?;
    loop {
        let left = deadline.remaining().unwrap_or(CANCEL_CHECK).min(CANCEL_CHECK);
        match answer.recv_timeout(left) {
            Ok(outcome) => return Ok(outcome),
            Err(RecvTimeoutError::Timeout) => {
                if let Err(over) = deadline.check() {
                    shared.cancel(call, Instant::now());
                    return Err(over.into());
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(unavailable("its worker died; another is being started".to_owned()));
            }
        }
    }
}

pub(super) fn scores(engine: &str, outcome: Outcome) -> Result<Vec<Likelihood>, EngineError> {
    match outcome {
        Outcome::Scored(scores) => Ok(scores
            .into_iter()
            .map(|(bits, tokens)| Likelihood { log_probability: f32::from_bits(bits), tokens })
            .collect()),
        other => Err(error(engine, other)),
    }
}

pub(super) fn text(engine: &str, outcome: Outcome) -> Result<String, EngineError> {
    match outcome {
        Outcome::Wrote(text) => Ok(text),
        other => Err(error(engine, other)),
    }
}

fn error(engine: &str, outcome: Outcome) -> EngineError {
    let engine = engine.to_owned();
    match outcome {
        Outcome::Late => DeadlineExceeded.into(),
        Outcome::Overloaded => EngineError::Overloaded { engine },
        Outcome::Unavailable(reason) => EngineError::Unavailable { engine, reason },
        Outcome::Failed(text) => EngineError::Failed { engine, source: text.into() },
        Outcome::Scored(_) | Outcome::Wrote(_) => {
            EngineError::Failed { engine, source: "it answered another question".into() }
        }
    }
}
