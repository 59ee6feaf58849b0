//! Which language models are in memory. Every change is one lock; workers are dropped outside of it, because that waits for
//! a process to end.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use find_facts_api::admin::ModelMemory;
use find_facts_core::health::ModelReport;
use find_facts_core::{Deadline, Tier};
use find_facts_engine_llama::{LlamaWorker, memory_taken};
use find_facts_models::{Budget, OverBudget, Resident};

/// How often one that waits for a model looks whether it still has to: a cancelled deadline wakes nobody.
const LOOK: Duration = Duration::from_millis(50);

/// The models.
#[derive(Default)]
pub(super) struct Shelf {
    books: Mutex<BTreeMap<String, Book>>,
    /// Told whenever a model is no longer being loaded.
    settled: Condvar,
}

struct Book {
    /// What it is expected to take.
    needed: u64,
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

/// What came of [`Shelf::begin`].
pub(super) enum Begun {
    /// It is loaded, or somebody loads it.
    Already,
    /// The caller loads it as long as it is wanted, and drops these.
    Now { wanted: Deadline, unloaded: Vec<(String, Arc<LlamaWorker>)> },
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
    /// Makes room for a model and marks it as being loaded.
    pub(super) fn begin(
        &self,
        id: &str,
        needed: u64,
        budget: &Budget,
        now: Instant,
    ) -> Result<Begun, OverBudget> {
        let mut books = self.lock();
        if let Some(book) = books.get_mut(id)
            && !matches!(book.state, State::Failed(_))
        {
            book.last_used = now;
            return Ok(Begun::Already);
        }
        let residents: Vec<Resident> = books.iter().filter_map(|(id, book)| book.resident(id)).collect();
        let leaving = budget.admit(id, needed, &residents)?;
        let unloaded = leaving.into_iter().filter_map(|id| match books.remove(&id)?.state {
            State::Loaded(worker) => Some((id, worker)),
            State::Loading(_) | State::Failed(_) => None,
        });
        let unloaded = unloaded.collect();
        let wanted = Deadline::none();
        let state = State::Loading(wanted.clone());
        books.insert(id.to_owned(), Book { needed, last_used: now, state });
        Ok(Begun::Now { wanted, unloaded })
    }

    /// A worker has loaded the model. Where it was given up meanwhile, the worker ends.
    pub(super) fn loaded(&self, id: &str, wanted: &Deadline, worker: LlamaWorker) {
        self.settle(id, wanted, State::Loaded(Arc::new(worker)));
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
            && let Some(book) = books.get_mut(id)
        {
            book.state = state;
            self.settled.notify_all();
        }
    }

    /// The model for one who asks it something now; nobody unloads it meanwhile.
    pub(super) fn worker(&self, id: &str, now: Instant) -> Option<Arc<LlamaWorker>> {
        let mut books = self.lock();
        let book = books.get_mut(id)?;
        let State::Loaded(worker) = &book.state else { return None };
        book.last_used = now;
        Some(Arc::clone(worker))
    }

    /// Waits while a model is being loaded; then what it tells of itself, or why it is not there.
    pub(super) fn wait(&self, id: &str, deadline: &Deadline) -> Result<Arc<LlamaWorker>, String> {
        let mut books = self.lock();
        loop {
            match books.get(id).map(|book| &book.state) {
                Some(State::Loaded(worker)) => return Ok(Arc::clone(worker)),
                Some(State::Failed(reason)) => return Err(reason.clone()),
                None => return Err("it was unloaded while it was being loaded".to_owned()),
                Some(State::Loading(_)) => {}
            }
            deadline.check().map_err(|over| over.to_string())?;
            let waited = self.settled.wait_timeout(books, LOOK);
            books = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Takes a model off the shelf. What is being loaded is given up.
    pub(super) fn take(&self, id: &str) -> Result<Option<Arc<LlamaWorker>>, InUse> {
        let mut books = self.lock();
        if books.get(id).is_some_and(|book| matches!(book.state, State::Loaded(_)) && !book.is_idle()) {
            return Err(InUse(id.to_owned()));
        }
        self.settled.notify_all();
        Ok(books.remove(id).and_then(Book::give_up))
    }

    pub(super) fn clear(&self) {
        let books = std::mem::take(&mut *self.lock());
        self.settled.notify_all();
        let workers: Vec<_> = books.into_values().filter_map(Book::give_up).collect();
        drop(workers);
    }

    /// Threads of all models in memory.
    pub(super) fn threads(&self) -> usize {
        let of_book = |book: &Book| match &book.state {
            State::Loaded(worker) => worker.loaded().pace.map_or(1, |pace| pace.threads.get()),
            State::Loading(_) | State::Failed(_) => 0,
        };
        self.lock().values().map(of_book).sum()
    }

    /// Where a model stands, for the admin API.
    pub(super) fn memory(&self, id: &str) -> Option<ModelMemory> {
        let (process, needed, load_ms) = match self.lock().get(id)? {
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
        let all: Vec<_> = self.lock().iter().map(of_book).collect();
        let report = |(id, process, load_ms): (String, Option<u32>, Option<f64>)| ModelReport {
            tier: tier(&id),
            id,
            loaded: process.is_some(),
            load_ms,
            memory_bytes: process.and_then(memory_taken),
        };
        all.into_iter().map(report).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Book>> {
        // What it guards is whole between any two statements.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn load_ms(worker: &LlamaWorker) -> f64 {
    worker.loaded().took.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Budget = Budget { language_models: 3, bytes: 1000 };

    fn begin(shelf: &Shelf) -> Deadline {
        match shelf.begin("model", 1, &BUDGET, Instant::now()) {
            Ok(Begun::Now { wanted, .. }) => wanted,
            other => panic!("{:?}", other.map(|_| "already")),
        }
    }

    #[test]
    fn what_is_given_up_is_cancelled_and_says_nothing_of_the_next_load() {
        let shelf = Shelf::default();
        let first = begin(&shelf);
        assert!(first.check().is_ok());
        assert!(shelf.take("model").unwrap().is_none());
        assert!(first.check().is_err());
        let second = begin(&shelf);
        shelf.failed("model", &first, "of the first".to_owned());
        assert_eq!(shelf.memory("model"), Some(ModelMemory::Loading));
        shelf.failed("model", &second, "of the second".to_owned());
        assert_eq!(shelf.memory("model"), Some(ModelMemory::Failed { reason: "of the second".to_owned() }));
        let third = begin(&shelf);
        shelf.clear();
        assert!(third.check().is_err());
    }
}
