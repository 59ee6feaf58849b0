//! Does what `step` decides: journal first, then the act, then its outcome, each durable before the next.
//!
//! Invariant: the state changes only by inputs that are in the journal. Killed anywhere, a later call goes on from there.

mod call;
mod impact;
mod pairs;
mod perform;
mod rows;
mod shadow;
mod suites;
mod upkeep;

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use find_facts_api::admin::Lease;
use find_facts_api::rollout::Command;

use crate::act::Numbered;
use crate::end::End;
use crate::journal::{Entry, JournalError, Opened, replay};
use crate::note::Note;
use crate::ports::{Audience, KillPoint, Killed, Point, PortError, RunLog, Server, Timer};
use crate::schedule::Schedule;
use crate::state::{Stage, State};
use crate::step::{Actions, IllegalInput, Input, Next, start, step};
use crate::suite::{Row, SuiteKind};
use call::Halt;
use upkeep::Waited;

/// A run and its plan.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// What stands in the first line of its journal.
    pub opened: &'a Opened,
    /// Its plan, resolved.
    pub schedule: &'a Schedule,
    /// Suites that the plan names a file for; the others are made from the knowledge base.
    pub suites: &'a BTreeMap<SuiteKind, Vec<Row>>,
}

/// Everything outside of the run.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The server.
    pub server: &'a dyn Server,
    /// The clock.
    pub timer: &'a dyn Timer,
    /// Who is told.
    pub audience: &'a dyn Audience,
    /// Who may kill the process, in tests.
    pub kills: &'a dyn KillPoint,
    /// Set by a signal: the run stops as soon as it can and stays open.
    pub interrupted: &'a AtomicBool,
}

/// Why a run stopped without an end. It stays open and can be resumed.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// The server cannot be reached.
    #[error("the server cannot be reached")]
    Unreachable(#[source] PortError),
    /// Another run has the server.
    #[error("run `{}` of `{}` holds the server", .0.run, .0.holder)]
    LeaseHeld(Lease),
    /// The server refuses what a run cannot do without.
    #[error("the server refuses the run")]
    Refused(#[source] PortError),
    /// The journal cannot be written or does not fit.
    #[error("the journal failed")]
    Journal(#[from] JournalError),
    /// The run can neither go on nor end.
    #[error("the run is stuck")]
    Stuck(#[from] IllegalInput),
    /// A signal asked for it.
    #[error("interrupted")]
    Interrupted,
    /// A test asked for it.
    #[error(transparent)]
    Killed(#[from] Killed),
}

impl DriveError {
    /// Its page under `docs/errors/`, where it has one.
    pub fn code(&self) -> Option<&str> {
        match self {
            DriveError::Unreachable(_) => Some("server-unreachable"),
            DriveError::LeaseHeld(_) => Some("lease-held"),
            DriveError::Refused(PortError::Refused { code, .. }) => Some(code),
            DriveError::Journal(error) => Some(error.code()),
            DriveError::Stuck(_) => Some("run-stuck"),
            DriveError::Refused(_) | DriveError::Interrupted | DriveError::Killed(_) => None,
        }
    }
}

/// An operator's command on its way to the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its number among the server's waiting commands; none for one given at the start of the process.
    pub id: Option<u64>,
    /// What is asked.
    pub command: Command,
    /// Who asks.
    pub by: String,
}

/// Takes a run to its end, from wherever its journal says it is. `past` is what stands in `log` already; `orders` are
/// given first, such as the resume of a paused run.
pub fn drive(
    run: Run<'_>,
    world: World<'_>,
    log: &mut dyn RunLog,
    past: &[Entry],
    orders: Vec<Order>,
) -> Result<End, DriveError> {
    let mut driver = Driver {
        run,
        world,
        log,
        state: start(run.schedule).0,
        intended: 0,
        orders: orders.into(),
        renewed: None,
        looked: None,
        breathed: None,
        made: BTreeMap::new(),
        shadows: Vec::new(),
    };
    let first = driver.begin(past)?;
    driver.go_on(first)
}

struct Driver<'a> {
    run: Run<'a>,
    world: World<'a>,
    log: &'a mut dyn RunLog,
    state: State,
    /// The last act whose intent is in the journal.
    intended: u64,
    orders: VecDeque<Order>,
    /// When the lease was last renewed.
    renewed: Option<Instant>,
    /// When the figures were last looked at, in this process and at this step.
    looked: Option<Instant>,
    /// When a long act last looked up from its work.
    breathed: Option<Instant>,
    /// Suites made from the knowledge base so far.
    made: BTreeMap<SuiteKind, Vec<Row>>,
    /// Requests to be asked both ways.
    shadows: Vec<Row>,
}

impl Driver<'_> {
    /// Takes the lease, and says what comes first.
    fn begin(&mut self, past: &[Entry]) -> Result<Next, DriveError> {
        if past.is_empty() {
            self.take_lease()?;
            self.append(&Entry::Opened(self.run.opened.clone()))?;
            let (_, Actions { notes, next }) = start(self.run.schedule);
            self.tell(&notes);
            return Ok(next);
        }
        let replayed = replay(self.run.schedule, self.run.opened, past)?;
        self.state = replayed.state;
        self.intended = replayed.intended;
        if let Next::Stop(end) = &replayed.next
            && (self.orders.is_empty() || !matches!(end, End::Held { .. }))
        {
            return Ok(replayed.next);
        }
        self.take_lease()?;
        self.input(Input::Resumed { holder: self.run.opened.holder.clone() })
    }

    fn go_on(&mut self, mut next: Next) -> Result<End, DriveError> {
        loop {
            next = match self.orders.pop_front() {
                Some(Order { id, command, by }) => self.input(Input::Command { id, command, by })?,
                None => match next {
                    Next::Stop(end) => return self.hand_over(end),
                    Next::Do(act) => self.act(act)?,
                    Next::Look => self.look()?,
                    Next::AwaitOrders => self.await_orders()?,
                },
            };
        }
    }

    /// Intent, act, outcome.
    fn act(&mut self, act: Numbered) -> Result<Next, DriveError> {
        self.looked = None;
        if self.intended < act.number {
            self.append(&Entry::Intent(act.clone()))?;
            self.intended = act.number;
        }
        self.world.audience.hear(&Note::ActBegan { step: act.step.clone(), act: act.act.clone() });
        self.world.kills.reach(Point::BeforeAct(&act))?;
        let outcome = match self.perform(&act) {
            Ok(outcome) => outcome,
            Err(Halt::Failed(reason)) => crate::act::Outcome::Failed { reason },
            Err(Halt::Ordered) => return Ok(Next::Do(act)),
            Err(Halt::Stop(error)) => return Err(*error),
        };
        self.world.kills.reach(Point::AfterAct(&act))?;
        self.input(Input::Outcome { act: act.number, outcome })
    }

    fn look(&mut self) -> Result<Next, DriveError> {
        if let Some(before) = self.looked {
            let every = self.run.schedule.check_every();
            let passed = self.world.timer.now().saturating_duration_since(before);
            if self.wait(every.saturating_sub(passed))? == Waited::Ordered {
                return Ok(Next::Look);
            }
        }
        let at = self.state.at;
        let look = self.take_a_look()?;
        let next = self.input(Input::Look(look))?;
        if self.state.at != at || !matches!(self.state.stage, Stage::Watching(_)) {
            self.looked = None;
        }
        Ok(next)
    }

    fn await_orders(&mut self) -> Result<Next, DriveError> {
        self.looked = None;
        self.wait(upkeep::ORDERS_EVERY)?;
        Ok(Next::AwaitOrders)
    }

    /// Decides, remembers, and only then goes on from the new state.
    fn input(&mut self, input: Input) -> Result<Next, DriveError> {
        let (state, Actions { notes, next }) = step(self.run.schedule, self.state.clone(), input.clone())?;
        self.append(&Entry::Input(input))?;
        self.state = state;
        self.tell(&notes);
        self.show();
        Ok(next)
    }

    fn append(&mut self, entry: &Entry) -> Result<(), DriveError> {
        self.world.kills.reach(Point::BeforeEntry(entry))?;
        self.log.append(self.world.timer.wall(), entry)?;
        self.world.kills.reach(Point::AfterEntry(entry))?;
        Ok(())
    }

    fn tell(&self, notes: &[Note]) {
        for note in notes {
            self.world.audience.hear(note);
        }
    }
}
