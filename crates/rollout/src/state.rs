//! Where a run stands: a value that is rebuilt from the journal and from nothing else.

use std::collections::BTreeMap;

use find_facts_api::admin::{MonitoringPart, TierParams};
use find_facts_core::health::Totals;
use find_facts_core::{FlagState, Generation, Percent};
use serde::{Deserialize, Serialize};

use crate::act::{LegacyAnswers, LoadedModel, Numbered};
use crate::end::End;
use crate::measure::{Accuracy, AddedLatency, Impact};
use crate::suite::{SuiteKind, SuiteResult};
use crate::watch::Watch;

/// A run so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The step it is at, counted from 0.
    pub at: usize,
    /// What it does there.
    pub stage: Stage,
    /// Whether an operator has stopped it.
    pub paused: bool,
    /// How many acts have been numbered.
    pub acts: u64,
    /// Number of the last of the server's waiting commands that was taken up.
    pub acknowledged: u64,
    /// The generation in force as far as the run knows.
    pub generation: Generation,
    /// What was in production before the run.
    pub before: Before,
    /// The share of callers that the run has exposed; `None` before it has changed who gets the tier.
    pub exposed: Option<Percent>,
    /// What it has found out.
    pub findings: Findings,
}

/// What a run does at a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It waits for the outcome of an act.
    Acting(Numbered),
    /// It watches.
    Watching(Box<Watch>),
    /// It goes back to what was proven, and then ends like this.
    Leaving {
        /// The change back.
        act: Numbered,
        /// The end that follows.
        then: End,
    },
    /// It is over; a held run may be taken up again.
    Ended(End),
}

/// What was in production before a run: what it goes back to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Before {
    /// The tier's flag.
    pub flag: FlagState,
    /// The tier's parameters, where it was initialised.
    pub params: Option<TierParams>,
}

impl Before {
    /// The share of callers that had the tier.
    pub fn reach(&self) -> Percent {
        if self.flag.enabled { self.flag.percentage } else { Percent::ZERO }
    }
}

/// What a run has found out, for its criteria and its report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Models in the server's cache, verified, with their sizes.
    pub models: BTreeMap<String, u64>,
    /// The generation that has every tier off.
    pub flags_off: Option<Generation>,
    /// What each part of monitoring showed.
    pub monitoring: Vec<(MonitoringPart, String)>,
    /// What legacy answered before anything was changed.
    pub legacy: Option<LegacyAnswers>,
    /// What exact answers are like after it.
    pub impact: Option<Impact>,
    /// What the suites showed.
    pub suites: BTreeMap<SuiteKind, SuiteResult>,
    /// Every observed attempt of the callers exposed.
    pub observed: Totals,
    /// The share of callers that was reached and watched to its end.
    pub reached: Percent,
    /// Latency added.
    pub added: Option<AddedLatency>,
    /// Success added.
    pub accuracy: Option<Accuracy>,
    /// The model that was loaded by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<LoadedModel>,
    /// Memory of the server and its workers, watch by watch: days of the plan's time, and 10⁶ bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memory: Vec<Vec<(f64, f64)>>,
}
