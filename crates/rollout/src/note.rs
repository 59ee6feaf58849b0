//! What a run says while it goes on: for progress bars, plain lines and `--json` alike. Nothing depends on it.

use find_facts_core::Percent;
use serde::{Deserialize, Serialize};

use crate::act::{Act, Outcome};
use crate::criteria::Criterion;
use crate::end::End;
use crate::watch::{Evidence, Verdict};

/// Something a person would want to know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub enum Note {
    /// A step begins.
    StepBegan {
        /// Its name.
        step: String,
        /// Its place, from 1.
        number: usize,
        /// How many there are.
        of: usize,
    },
    /// A step has ended well.
    StepDone {
        /// Its name.
        step: String,
    },
    /// An act begins.
    ActBegan {
        /// The step.
        step: String,
        /// The act.
        act: Act,
    },
    /// An act has an outcome.
    ActDone {
        /// The step.
        step: String,
        /// The outcome.
        outcome: Box<Outcome>,
    },
    /// Work goes on inside an act.
    Working {
        /// The step.
        step: String,
        /// What is being done.
        what: String,
        /// How much is done.
        done: u64,
        /// Of how much; 0 where nobody knows.
        of: u64,
    },
    /// A look at the figures of a watch.
    Watching {
        /// The step.
        step: String,
        /// Share of callers exposed.
        percentage: Percent,
        /// Observed seconds, and how many it takes.
        observed_seconds: [f64; 2],
        /// What is known so far.
        evidence: Evidence,
        /// What follows from it.
        verdict: Verdict,
    },
    /// Somebody else changed other flags; the run goes on with the new generation.
    Adopted {
        /// Who.
        by: String,
        /// The generation.
        generation: u64,
    },
    /// An operator's command has been taken up.
    Ordered {
        /// The command.
        command: find_facts_api::rollout::Command,
        /// Who asked.
        by: String,
    },
    /// The run goes on in a new process.
    Resumed,
    /// A call failed and will be repeated.
    Retrying {
        /// What failed, with its causes.
        reason: String,
    },
    /// The criteria were held against what was measured.
    Criteria {
        /// All of them.
        criteria: Vec<Criterion>,
    },
    /// The run goes back to what was proven.
    GoingBack {
        /// Why.
        reason: String,
    },
    /// The run is over.
    Ended {
        /// How.
        end: End,
    },
}
