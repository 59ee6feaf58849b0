//! Which language models are in memory, and what embedders leave them of it. Every change is one lock; workers are dropped
//! outside of it, because that waits for a process to end.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use find_facts_api::admin::ModelMemory;
use find_facts_core::health::ModelReport;
use find_facts_core::{Deadline, Embedder, LanguageModel, Tier};
use find_facts_engine_llama::{LlamaWorker, memory_taken};
use find_facts_models::{Budget, OverBudget, Resident};

use super::cores::Cores;
use super::handle::CHANGED;

/// How often one that waits for a model looks whether it still has to: a cancelled deadline wakes nobody.
const LOOK: Duration = Duration::from_millis(50);

/// The models.
#[derive(Default)]
pub(super) struct Shelf {
    books: Mutex<Books>,
    /// Told whenever a model is no longer being loaded.
    settled: Condvar,
}

#[derive(Default)]
struct Books {
    models: BTreeMap<String, Book>,
    /// Why models are not there that somebody may miss.
    absent: BTreeMap<String, String>,
    embedders: Vec<Seat>,
}

/// The memory of an embedder, for as long as a tier has it.
struct Seat {
    id: String,
    bytes: u64,
    embedder: Weak<dyn Embedder>,
}

struct Book {
    /// What it is expected to take.
    needed: u64,
    /// Those that it has, or may have while it is being loaded.
    threads: NonZeroUsize,
    last_used: Instant,
    state: State,
}

enum State {
    /// Until it is cancelled somebody wants it.
    Loading(Deadline),
    Loaded(Arc<LlamaWorker>),
    Failed(String),
}

/// A model that somebody holds.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the model `{0}` is in use")]
pub(crate) struct InUse(String);

/// Models that had to make room: whoever asked for it drops them.
pub(super) type Unloaded = Vec<(String, Arc<LlamaWorker>)>;

/// What came of [`Shelf::begin`].
pub(super) enum Begun {
    /// It is loaded, or somebody loads it.
    Already,
    /// The caller loads it as long as it is wanted, with at most so many threads, and drops these.
    Now { wanted: Deadline, threads: NonZeroUsize, unloaded: Unloaded },
}

impl Books {
    fn residents(&self, now: Instant) -> Vec<Resident> {
        let embedders = self.embedders.iter().filter_map(|seat| seat.resident(now));
        self.models.iter().filter_map(|(id, book)| book.resident(id)).chain(embedders).collect()
    }

    fn make_room(
        &mut self,
        embedder: &str,
        bytes: u64,
        budget: &Budget,
        now: Instant,
    ) -> Result<Unloaded, OverBudget> {
        let leaving = budget.admit_embedder(embedder, bytes, &self.residents(now))?;
        Ok(self.unload(leaving, embedder))
    }

    /// Threads of all models in memory, and of those on their way there.
    fn threads(&self) -> usize {
        let has_some = |book: &&Book| !matches!(book.state, State::Failed(_));
        self.models.values().filter(has_some).map(|book| book.threads.get()).sum()
    }

    fn unload(&mut self, leaving: Vec<String>, newcomer: &str) -> Unloaded {
        let unloaded = leaving.into_iter().filter_map(|id| {
            let worker = self.remove(&id, format!("it made room for `{newcomer}`"))?;
            Some((id, worker))
        });
        unloaded.collect()
    }

    /// The worker of a model that goes, where it has one; a load under way is given up.
    fn remove(&mut self, id: &str, why: String) -> Option<Arc<LlamaWorker>> {
        let book = self.models.remove(id)?;
        self.absent.insert(id.to_owned(), why);
        book.give_up()
    }
}

impl Seat {
    fn resident(&self, now: Instant) -> Option<Resident> {
        (self.embedder.strong_count() > 0).then(|| Resident {
            id: self.id.clone(),
            bytes: self.bytes,
            movable: false,
            language_model: false,
            last_used: now,
        })
    }
}

impl Book {
    /// Nobody but the shelf holds it.
    fn is_idle(&self) -> bool {
        matches!(&self.state, State::Loaded(worker) if Arc::strong_count(worker) == 1)
    }

    /// The worker, where it is there; its loading ends where it is not yet.
    fn give_up(self) -> Option<Arc<LlamaWorker>> {
        match self.state {
            State::Loaded(worker) => Some(worker),
            State::Loading(wanted) => {
                wanted.cancel();
                None
            }
            State::Failed(_) => None,
        }
    }

    fn resident(&self, id: &str) -> Option<Resident> {
        if matches!(self.state, State::Failed(_)) {
            return None;
        }
        Some(Resident {
            id: id.to_owned(),
            bytes: self.needed,
            movable: self.is_idle(),
            language_model: true,
            last_used: self.last_used,
        })
    }
}

impl Shelf {
    /// Makes room for a model, gives it its share of the cores, and marks it as being loaded.
    pub(super) fn begin(
        &self,
        id: &str,
        needed: u64,
        budget: &Budget,
        cores: Cores,
        now: Instant,
    ) -> Result<Begun, OverBudget> {
        let mut books = self.lock();
        if let Some(book) = books.models.get_mut(id)
            && !matches!(book.state, State::Failed(_))
        {
            book.last_used = now;
            return Ok(Begun::Already);
        }
        let leaving = budget.admit(id, needed, &books.residents(now))?;
        let unloaded = books.unload(leaving, id);
        let (wanted, threads) = (Deadline::none(), cores.share(books.threads()));
        let state = State::Loading(wanted.clone());
        books.absent.remove(id);
        books.models.insert(id.to_owned(), Book { needed, threads, last_used: now, state });
        Ok(Begun::Now { wanted, threads, unloaded })
    }

    /// Makes room for an embedder that is to be loaded.
    pub(super) fn make_room(
        &self,
        id: &str,
        needed: u64,
        budget: &Budget,
        now: Instant,
    ) -> Result<Unloaded, OverBudget> {
        self.lock().make_room(id, needed, budget, now)
    }

    /// Counts an embedder for as long as somebody has it, if it fits; an earlier one of the same name no longer counts.
    pub(super) fn seat(
        &self,
        id: &str,
        bytes: u64,
        embedder: &Arc<dyn Embedder>,
        budget: &Budget,
        now: Instant,
    ) -> Result<Unloaded, OverBudget> {
        let mut books = self.lock();
        let unloaded = books.make_room(id, bytes, budget, now)?;
        books.embedders.retain(|seat| seat.id != id && seat.embedder.strong_count() > 0);
        books.embedders.push(Seat { id: id.to_owned(), bytes, embedder: Arc::downgrade(embedder) });
        Ok(unloaded)
    }

    /// A worker has loaded the model. Where it was given up meanwhile, the worker ends.
    pub(super) fn loaded(&self, id: &str, wanted: &Deadline, worker: LlamaWorker) {
        self.settle(id, wanted, State::Loaded(Arc::new(worker)));
    }

    /// Why a load was not even begun, for those who have to do without.
    pub(super) fn refused(&self, id: &str, why: String) {
        let mut books = self.lock();
        match books.models.get_mut(id).map(|book| &mut book.state) {
            Some(State::Failed(reason)) => *reason = why,
            // Another one's load was begun.
            Some(State::Loading(_) | State::Loaded(_)) => {}
            None => drop(books.absent.insert(id.to_owned(), why)),
        }
    }

    /// The model could not be loaded.
    pub(super) fn failed(&self, id: &str, wanted: &Deadline, reason: String) {
        self.settle(id, wanted, State::Failed(reason));
    }

    /// What came of a load, unless it was given up: another may have been begun since. An argument is dropped after the lock is.
    fn settle(&self, id: &str, wanted: &Deadline, state: State) {
        let mut books = self.lock();
        // What is given up is cancelled under the same lock.
        if wanted.check().is_ok()
            && let Some(book) = books.models.get_mut(id)
        {
            if let State::Loaded(worker) = &state
                && let Some(pace) = worker.loaded().pace
            {
                book.threads = pace.threads;
            }
            book.state = state;
            self.settled.notify_all();
        }
    }

    /// The model for one who asks it something now; nobody unloads it meanwhile.
    pub(super) fn worker(&self, id: &str, now: Instant) -> Option<Arc<LlamaWorker>> {
        let mut books = self.lock();
        let book = books.models.get_mut(id)?;
        let State::Loaded(worker) = &book.state else { return None };
        book.last_used = now;
        Some(Arc::clone(worker))
    }

    /// Waits while a model is being loaded; then the fingerprint of its weights, if it is there.
    pub(super) fn wait(&self, id: &str, deadline: &Deadline) -> Option<String> {
        let mut books = self.lock();
        loop {
            match books.models.get(id).map(|book| &book.state) {
                Some(State::Loaded(worker)) => return Some(worker.fingerprint().to_owned()),
                Some(State::Loading(_)) if deadline.check().is_ok() => {}
                _ => return None,
            }
            let waited = self.settled.wait_timeout(books, LOOK);
            books = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Why a model does not answer those who know it by this fingerprint; `None` where it does.
    pub(super) fn lack(&self, id: &str, fingerprint: Option<&str>) -> Option<String> {
        let books = self.lock();
        match books.models.get(id).map(|book| &book.state) {
            Some(State::Loaded(worker)) if fingerprint.is_some_and(|known| known != worker.fingerprint()) => {
                Some(CHANGED.to_owned())
            }
            Some(State::Loaded(worker)) if worker.process().is_none() => {
                Some("its worker has died, and another is being started".to_owned())
            }
            Some(State::Loaded(_)) => None,
            Some(State::Loading(_)) => Some("it is being loaded".to_owned()),
            Some(State::Failed(reason)) => Some(reason.clone()),
            None => Some(books.absent.get(id).map_or_else(|| "it is not there".to_owned(), String::clone)),
        }
    }

    /// Takes a model off the shelf. What is being loaded is given up.
    pub(super) fn take(&self, id: &str) -> Result<Option<Arc<LlamaWorker>>, InUse> {
        let mut books = self.lock();
        if books.models.get(id).is_some_and(|book| matches!(book.state, State::Loaded(_)) && !book.is_idle())
        {
            return Err(InUse(id.to_owned()));
        }
        self.settled.notify_all();
        Ok(books.remove(id, "it was unloaded".to_owned()))
    }

    pub(super) fn clear(&self) {
        let books = std::mem::take(&mut self.lock().models);
        self.settled.notify_all();
        let workers: Vec<_> = books.into_values().filter_map(Book::give_up).collect();
        drop(workers);
    }

    /// Where a model stands, for the admin API.
    pub(super) fn memory(&self, id: &str) -> Option<ModelMemory> {
        let (process, needed, load_ms) = match self.lock().models.get(id)? {
            Book { state: State::Loading(_), .. } => return Some(ModelMemory::Loading),
            Book { state: State::Failed(reason), .. } => {
                return Some(ModelMemory::Failed { reason: reason.clone() });
            }
            Book { state: State::Loaded(worker), needed, .. } => (worker.process(), *needed, load_ms(worker)),
        };
        // A worker that has died is started again.
        let Some(process) = process else { return Some(ModelMemory::Loading) };
        Some(ModelMemory::Loaded { bytes: memory_taken(process).unwrap_or(needed), load_ms })
    }

    /// Where all stand, for the health report. Memory is read without the lock, which questions need.
    pub(super) fn reports(&self, tier: impl Fn(&str) -> Tier) -> Vec<ModelReport> {
        let of_book = |(id, book): (&String, &Book)| match &book.state {
            State::Loaded(worker) => (id.clone(), worker.process(), Some(load_ms(worker))),
            State::Loading(_) | State::Failed(_) => (id.clone(), None, None),
        };
        let all: Vec<_> = self.lock().models.iter().map(of_book).collect();
        let report = |(id, process, load_ms): (String, Option<u32>, Option<f64>)| ModelReport {
            tier: tier(&id),
            id,
            loaded: process.is_some(),
            load_ms,
            memory_bytes: process.and_then(memory_taken),
        };
        all.into_iter().map(report).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Books> {
        // What it guards is whole between any two statements.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn load_ms(worker: &LlamaWorker) -> f64 {
    worker.loaded().took.as_secs_f64() * 1000.0
}
