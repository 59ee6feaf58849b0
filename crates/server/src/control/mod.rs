//! Flags, lease and events as one thing: every write goes through here, one at a time, and is on the disk before anybody
//! sees it.

mod change;
mod describe;
mod first;
pub mod lease;
mod live;
mod rollback;
mod rollout;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, Guard};
use find_facts_api::admin::{AuditEntry, EventKind, GenerationRecord};
use find_facts_core::flags::FlagDecision;
use find_facts_core::{Caller, FlagEvaluator, Generation, Tier};
use tokio::sync::watch;

pub use change::{Change, ChangeError, Changed, Desired, Writer};
pub use live::Live;
pub use rollback::RollbackCause;

use describe::describe;

use crate::config::Config;
use crate::http::chain;
use crate::machine::MachineClock;
use crate::state::{NewGeneration, Outcome, State, StateError, unix_ms};

/// The server's mutable heart.
pub struct Control {
    /// What is remembered.
    pub state: State,
    clock: Arc<dyn MachineClock>,
    live: ArcSwap<Live>,
    changed: watch::Sender<Generation>,
    /// Told of a tier that is about to be on again.
    switched_on: Box<dyn Fn(Tier) + Send + Sync>,
    /// Held for the length of every write, so that what was checked still holds when it is done.
    writing: Mutex<()>,
    /// Held by whoever does something that must not be done twice at once; taken before `writing`.
    acting: Mutex<()>,
}

impl Control {
    /// Takes up the stored generation, or stores the first one from the configuration.
    ///
    /// `switched_on` is told of each tier that was off and is about to be on, before any request sees it.
    pub fn start(
        state: State,
        config: Config,
        clock: Arc<dyn MachineClock>,
        switched_on: impl Fn(Tier) + Send + Sync + 'static,
    ) -> Result<Self, StateError> {
        let record = match state.generations.latest()? {
            Some(record) => record,
            None => first::store(&state.generations, clock.wall(), &config)?,
        };
        let disabled = state.disable_file().exists();
        let changed = watch::Sender::new(record.generation);
        let live = ArcSwap::from_pointee(Live::new(Arc::new(config), Arc::new(record), disabled));
        let switched_on = Box::new(switched_on);
        let control = Self {
            state,
            clock,
            live,
            changed,
            switched_on,
            writing: Mutex::new(()),
            acting: Mutex::new(()),
        };
        control.take_up_lease()?;
        control.finish_interrupted_rollback()?;
        Ok(control)
    }

    /// What is in force now.
    pub fn live(&self) -> Guard<Arc<Live>> {
        self.live.load()
    }

    /// Changes whenever there is a new generation; holds its number.
    pub fn changed(&self) -> watch::Receiver<Generation> {
        self.changed.subscribe()
    }

    /// Makes a change, or says why not. The closure edits what stands.
    pub fn change(
        &self,
        change: &Change<'_>,
        edit: impl FnOnce(&mut Desired),
    ) -> Result<Changed, ChangeError> {
        let _writing = self.lock();
        if let Some(answer) = self.seen(change.writer)? {
            return Ok(Changed::Seen(answer));
        }
        self.refuse_other_runs(change.writer)?;
        let live = self.live.load_full();
        let current = live.record.generation;
        if change.expect.is_some_and(|expected| expected != current) {
            return Err(ChangeError::Stale(Box::new(live.document())));
        }
        let before = Desired { flags: live.record.flags.clone(), tiers: live.record.tiers.clone() };
        let mut after = before.clone();
        edit(&mut after);
        if after == before {
            self.remember(change.writer, || (change.answer_again)(current))?;
            return Ok(Changed::Same(current));
        }
        let reason = describe(&before, &after);
        let record = self.store(change, after, reason)?;
        Ok(Changed::New(self.put_in_force(record)))
    }

    /// Puts another configuration in force. Listeners and folders keep what they were started with.
    pub fn configure(&self, config: Config) {
        let _writing = self.lock();
        let live = self.live.load();
        self.swap(Live::new(Arc::new(config), Arc::clone(&live.record), live.disabled));
    }

    /// Looks for the file `DISABLE`; says whether something changed.
    pub fn look_for_disable_file(&self) -> bool {
        let disabled = self.state.disable_file().exists();
        if self.live.load().disabled == disabled {
            return false;
        }
        let _writing = self.lock();
        let live = self.live.load();
        self.swap(Live::new(Arc::clone(&live.config), Arc::clone(&live.record), disabled));
        true
    }

    /// The answer to a write that came before under the same idempotency key.
    pub fn seen(&self, writer: &Writer) -> Result<Option<serde_json::Value>, ChangeError> {
        let Some(key) = &writer.idempotency_key else { return Ok(None) };
        match self.state.generations.outcome(key)? {
            Some(outcome) if outcome.request == writer.request => Ok(Some(outcome.answer)),
            Some(outcome) => Err(ChangeError::KeyReused(outcome.request)),
            None => Ok(None),
        }
    }

    /// Remembers what a write that made no generation came to.
    pub fn remember(
        &self,
        writer: &Writer,
        answer: impl FnOnce() -> serde_json::Value,
    ) -> Result<(), StateError> {
        let Some(key) = &writer.idempotency_key else { return Ok(()) };
        let outcome = Outcome { request: writer.request.clone(), answer: answer() };
        self.state.generations.remember(key, &outcome)
    }

    /// Stores an event, then tells those who listen.
    pub fn tell(&self, kind: EventKind) -> Result<(), StateError> {
        self.state.events.append(self.clock.wall(), kind).map(|_| ())
    }

    /// The same for what has happened whether or not it can be stored: then the log of the process has it.
    pub fn announce(&self, kind: EventKind) {
        if let Err(error) = self.tell(kind) {
            tracing::error!(error = chain(&error), "an event could not be stored");
        }
    }

    /// Notes in the audit log who did what, from where, and how it ended.
    pub fn note(&self, who: String, what: String, from: Option<String>, outcome: String) {
        let entry = AuditEntry { id: 0, time_ms: self.now_ms(), who, what, from, outcome };
        if let Err(error) = self.state.audit.append(entry) {
            tracing::error!(error = chain(&error), "the audit log cannot be written");
        }
    }

    /// Keeps everybody else from acting until it is dropped.
    pub fn acting(&self) -> MutexGuard<'_, ()> {
        // As with `writing`: nothing is guarded that a panic could have left half done.
        self.acting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(
        &self,
        change: &Change<'_>,
        desired: Desired,
        reason: String,
    ) -> Result<GenerationRecord, StateError> {
        let new = NewGeneration {
            flags: desired.flags,
            tiers: desired.tiers,
            by: change.writer.by(),
            reason,
            idempotency_key: change.writer.idempotency_key.clone(),
        };
        let request = change.writer.request.clone();
        self.state.generations.append(self.clock.wall(), new, |generation| Outcome {
            request,
            answer: (change.answer_again)(generation),
        })
    }

    /// Swaps a stored generation in, and tells of it. Called with `writing` held.
    fn put_in_force(&self, record: GenerationRecord) -> Generation {
        let live = self.live.load();
        let event = EventKind::FlagsChanged {
            generation: record.generation,
            by: record.by.clone(),
            reason: record.reason.clone(),
        };
        let generation = record.generation;
        self.swap(Live::new(Arc::clone(&live.config), Arc::new(record), live.disabled));
        self.changed.send_replace(generation);
        // The generation is what counts, and it is in force: an event that cannot be stored does not undo it.
        self.announce(event);
        generation
    }

    fn swap(&self, new: Live) {
        let was = self.live.load().on;
        for tier in Tier::ALL.into_iter().filter(|&tier| new.on[tier as usize] && !was[tier as usize]) {
            (self.switched_on)(tier);
        }
        self.live.store(Arc::new(new));
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        // The lock guards no value of its own: whatever a panic left undone is not in force.
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calendar's time, unix milliseconds.
    pub fn now_ms(&self) -> u64 {
        unix_ms(self.clock.wall())
    }
}

impl FlagEvaluator for Control {
    fn decide(&self, caller: &Caller) -> FlagDecision {
        self.live.load().evaluator.decide(caller)
    }
}
