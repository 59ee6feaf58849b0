//! One turn of the decision: the state as it changes, and what is said meanwhile.

use find_facts_api::admin::ReloadRequest;

use super::{Actions, Next, change};
use crate::act::{Act, Numbered};
use crate::criteria::criteria;
use crate::end::End;
use crate::note::Note;
use crate::plan::Plan;
use crate::schedule::{Schedule, StepKind};
use crate::state::{Stage, State};
use crate::watch::Watch;

pub(super) struct Turn<'s> {
    pub(super) schedule: &'s Schedule,
    pub(super) state: State,
    notes: Vec<Note>,
}

impl<'s> Turn<'s> {
    pub(super) fn new(schedule: &'s Schedule, state: State) -> Self {
        Self { schedule, state, notes: Vec::new() }
    }

    /// The state, and what follows from it.
    pub(super) fn done(self) -> (State, Actions) {
        let next = match &self.state.stage {
            Stage::Ended(end) => Next::Stop(end.clone()),
            Stage::Leaving { act, .. } => Next::Do(act.clone()),
            _ if self.state.paused => Next::AwaitOrders,
            Stage::Acting(act) => Next::Do(act.clone()),
            Stage::Watching(_) => Next::Look,
        };
        (self.state, Actions { notes: self.notes, next })
    }

    pub(super) fn tell(&mut self, note: Note) {
        self.notes.push(note);
    }

    pub(super) fn step_name(&self) -> String {
        self.schedule.steps.get(self.state.at).map(|step| step.name.clone()).unwrap_or_default()
    }

    pub(super) fn step_kind(&self) -> StepKind {
        self.schedule.steps.get(self.state.at).map_or(StepKind::Criteria, |step| step.kind.clone())
    }

    pub(super) fn has_ended_for_good(&self) -> bool {
        matches!(&self.state.stage, Stage::Ended(end) if !matches!(end, End::Held { .. }))
    }

    pub(super) fn pause(mut self) -> Self {
        self.state.paused = true;
        if let Stage::Watching(watch) = &mut self.state.stage {
            **watch = watch.as_ref().clone().interrupted();
        }
        self
    }

    pub(super) fn unpause(mut self) -> Self {
        self.state.paused = false;
        self
    }

    /// The step is done; on to the next.
    pub(super) fn advance(mut self) -> Self {
        self.tell(Note::StepDone { step: self.step_name() });
        let next = self.state.at + 1;
        self.go_to(next)
    }

    /// Begins a step.
    pub(super) fn go_to(mut self, at: usize) -> Self {
        self.state.at = at;
        let of = self.schedule.steps.len();
        self.tell(Note::StepBegan { step: self.step_name(), number: at + 1, of });
        match self.step_kind() {
            StepKind::Watch(exposure) => {
                self.state.stage = Stage::Watching(Box::new(Watch::new(exposure)));
                self
            }
            StepKind::Criteria => self.judge(),
            StepKind::Inspect => self.act(Act::Inspect),
            StepKind::RecordLegacy => self.act(Act::RecordLegacy),
            StepKind::Pull(id) => self.act(Act::PullModel { id }),
            StepKind::Load(id) => self.act(Act::LoadModel { id }),
            StepKind::Settle(_) => self.settle(),
            StepKind::Monitoring => self.act(Act::CheckMonitoring),
            StepKind::Migrate => self.act(Act::MigrateStore),
            StepKind::Impact => self.act(Act::MeasureImpact),
            StepKind::Suite(suite) => self.act(Act::RunSuite { suite }),
            StepKind::Added => self.act(Act::MeasureAdded),
            StepKind::Accuracy => self.act(Act::MeasureAccuracy),
            StepKind::AwaitReady => self.await_ready(),
            StepKind::AllOff | StepKind::Initialise | StepKind::Expose(_) | StepKind::Confirm(_) => {
                self.change()
            }
        }
    }

    /// The change that this step makes, for the generation now in force.
    pub(super) fn change(self) -> Self {
        let request = change::forward(self.schedule, &self.state, &self.step_kind());
        self.act(Act::Change(request))
    }

    fn settle(self) -> Self {
        let waits = self.schedule.steps.get(self.state.at).map(|step| step.waits).unwrap_or_default();
        self.act(Act::Settle { seconds: waits.as_secs_f64() })
    }

    fn await_ready(self) -> Self {
        match self.schedule.tier() {
            Some(tier) => self.act(Act::AwaitReady { tier }),
            None => self.advance(),
        }
    }

    fn act(mut self, act: Act) -> Self {
        self.state.stage = Stage::Acting(self.number(act));
        self
    }

    fn number(&mut self, act: Act) -> Numbered {
        self.state.acts += 1;
        Numbered { number: self.state.acts, step: self.step_name(), act }
    }

    /// Goes back to what was proven, if the run has changed it, and ends.
    pub(super) fn leave(mut self, then: End) -> Self {
        self.state.paused = false;
        let Some(request) = change::back(self.schedule, &self.state) else { return self.end(then) };
        self.tell(Note::GoingBack { reason: then.to_string() });
        self.leave_by(request, then)
    }

    pub(super) fn leave_by(mut self, request: ReloadRequest, then: End) -> Self {
        let act = self.number(Act::Change(request));
        self.state.stage = Stage::Leaving { act, then };
        self
    }

    pub(super) fn end(mut self, end: End) -> Self {
        self.state.paused = false;
        self.tell(Note::Ended { end: end.clone() });
        self.state.stage = Stage::Ended(end);
        self
    }

    /// Holds what was measured against the criteria: the end of every run that comes this far.
    fn judge(mut self) -> Self {
        let table = criteria(&self.schedule.plan, &self.state.findings);
        let missed: Vec<String> = table
            .iter()
            .filter(|criterion| !criterion.met)
            .map(|criterion| {
                format!("{}: {}, required {}", criterion.name, criterion.measured, criterion.required)
            })
            .collect();
        self.tell(Note::Criteria { criteria: table });
        if missed.is_empty() {
            return self.end(End::Completed);
        }
        let reason = missed.join("; ");
        match self.schedule.plan {
            Plan::Infrastructure(_) => self.end(End::Stopped { reason }),
            Plan::Tier(_) => self.end(End::Held { reason }),
        }
    }
}
