//! A journal replayed with its times: which step took how long, what it found, and what happened beside.

use find_facts_core::Percent;
use find_facts_rollout::end::End;
use find_facts_rollout::journal::{Entry, JournalError};
use find_facts_rollout::note::Note;
use find_facts_rollout::state::Findings;
use find_facts_rollout::step::{start, step};
use find_facts_rollout::watch::{Evidence, Verdict};
use serde::Serialize;

use crate::failure::Failure;
use crate::render;
use crate::run::Stored;

/// A step as it was done. One that was done again stands twice.
#[derive(Debug, Clone, Serialize)]
pub struct StepReport {
    /// Its name.
    pub step: String,
    /// When it began, unix milliseconds.
    pub began_ms: u64,
    /// When it ended well, unix milliseconds.
    pub ended_ms: Option<u64>,
    /// What its acts came to.
    pub outcomes: Vec<String>,
    /// Its window, of a step that watches.
    pub window: Option<WindowReport>,
}

/// A window as it was last seen.
#[derive(Debug, Clone, Serialize)]
pub struct WindowReport {
    /// Share of callers exposed.
    pub percentage: Percent,
    /// Observed seconds, and how many it takes.
    pub observed_seconds: [f64; 2],
    /// How often it was looked at.
    pub looks: usize,
    /// The figures of all of it.
    pub evidence: Evidence,
    /// What followed from them.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Something that happened beside the steps.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// When, unix milliseconds.
    pub time_ms: u64,
    /// What, in a sentence.
    pub what: String,
}

/// A run in the order of its lines.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// The steps.
    pub steps: Vec<StepReport>,
    /// What else happened.
    pub events: Vec<Event>,
    /// What was found out.
    pub findings: Findings,
    /// How it ended.
    pub end: Option<End>,
    /// Whether the criteria were held against what was measured.
    pub judged: bool,
}

impl Timeline {
    /// Replays a run.
    pub(super) fn of(stored: &Stored) -> Result<Self, Failure> {
        let schedule = &stored.prepared.schedule;
        let mut timeline = Self::default();
        let (mut state, actions) = start(schedule);
        actions
            .notes
            .into_iter()
            .for_each(|note| timeline.add(stored.lines.first().map_or(0, |l| l.time_ms), note));
        for line in &stored.lines {
            let Entry::Input(input) = &line.entry else { continue };
            let impossible = |source| JournalError::Impossible { line: line.n, source };
            let (next, actions) = step(schedule, state, input.clone()).map_err(impossible)?;
            state = next;
            actions.notes.into_iter().for_each(|note| timeline.add(line.time_ms, note));
        }
        timeline.findings = state.findings;
        Ok(timeline)
    }

    fn add(&mut self, time_ms: u64, note: Note) {
        match note {
            Note::StepBegan { step, .. } => {
                // A held run that is taken up again has no end any more.
                self.end = None;
                self.steps.push(StepReport {
                    step,
                    began_ms: time_ms,
                    ended_ms: None,
                    outcomes: Vec::new(),
                    window: None,
                });
            }
            Note::StepDone { .. } => self.with_last(|last| last.ended_ms = Some(time_ms)),
            Note::ActDone { outcome, .. } => {
                let text = render::outcome(&outcome);
                self.with_last(|last| last.outcomes.extend(text));
            }
            Note::Watching { percentage, observed_seconds, evidence, verdict, .. } => {
                self.with_last(|last| {
                    let looks = last.window.as_ref().map_or(0, |window| window.looks) + 1;
                    last.window =
                        Some(WindowReport { percentage, observed_seconds, looks, evidence, verdict });
                })
            }
            Note::Criteria { .. } => {
                self.judged = true;
                self.with_last(|last| last.ended_ms = Some(time_ms));
            }
            Note::Ended { end } => {
                self.events.push(Event { time_ms, what: end.to_string() });
                self.end = Some(end);
            }
            Note::Adopted { .. } | Note::Ordered { .. } | Note::Resumed | Note::GoingBack { .. } => {
                let what = render::note(&note).unwrap_or_default().trim().to_owned();
                self.events.push(Event { time_ms, what });
            }
            // These are said while something goes on, and are in no journal.
            Note::ActBegan { .. } | Note::Working { .. } | Note::Retrying { .. } => {}
        }
    }

    fn with_last(&mut self, change: impl FnOnce(&mut StepReport)) {
        if let Some(last) = self.steps.last_mut() {
            change(last);
        }
    }
}
