//! A tier's own threads, with a short queue before them. A run that ignores its deadline keeps its thread until it ends:
//! it takes capacity from its own tier and from nobody else, and what is over the queue's length is turned away at once.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use find_facts_core::{Deadline, FactFinder, FactStore, FindQuery, FinderAnswer, FinderError, Tier};
use tokio::sync::oneshot;

use crate::priority::give_way;

/// How many requests may wait for a tier: at Tier 1's 4 ms a model call and two threads the last of them is served after
/// 130 ms, which is within its deadline of 200.
const WAITING: usize = 64;

/// More threads than this only take the cores from exact queries.
const MOST_THREADS: usize = 8;

/// The threads of one tier. They end once the pool is dropped and the runs under way are over.
pub(crate) struct Pool {
    queue: SyncSender<(Job, oneshot::Sender<End>)>,
}

/// One run of a tier.
pub(crate) struct Job {
    pub(crate) query: FindQuery,
    pub(crate) store: Arc<dyn FactStore>,
    pub(crate) deadline: Deadline,
}

/// How a run ended.
pub(crate) enum End {
    /// The tier answered; nothing found is an answer.
    Answer(FinderAnswer),
    /// The tier returned an error.
    Error(FinderError),
    /// The tier panicked, with this message.
    Panic(String),
}

/// The queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// A tier's threads could not be started.
#[derive(Debug, thiserror::Error)]
#[error("cannot start a thread for `{tier}`")]
pub struct CannotStart {
    tier: Tier,
    #[source]
    source: std::io::Error,
}

impl Pool {
    /// Starts the threads of a tier.
    pub(crate) fn start(finder: Arc<dyn FactFinder>) -> Result<Self, CannotStart> {
        let tier = finder.tier();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = threads(tier, cores);
        let (queue, jobs) = sync_channel(WAITING);
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 0..threads {
            let (finder, jobs) = (Arc::clone(&finder), Arc::clone(&jobs));
            std::thread::Builder::new()
                .name(format!("{tier}-{number}"))
                .spawn(move || {
                    give_way();
                    work(&*finder, &jobs);
                })
                .map_err(|source| CannotStart { tier, source })?;
        }
        Ok(Self { queue })
    }

    /// Hands a run to the threads. The receiver ends without a value where nobody waited for it any more.
    pub(crate) fn submit(&self, job: Job) -> Result<oneshot::Receiver<End>, Full> {
        let (reply, end) = oneshot::channel();
        self.queue.try_send((job, reply)).map_err(|_| Full)?;
        Ok(end)
    }
}

/// Tier 1 answers within milliseconds. What computes for longer leaves a core to exact queries, where there are several.
fn threads(tier: Tier, cores: usize) -> usize {
    let most = if tier == Tier::Tier1 { cores } else { cores.saturating_sub(1).max(1) };
    most.min(MOST_THREADS)
}

fn work(finder: &dyn FactFinder, jobs: &Mutex<Receiver<(Job, oneshot::Sender<End>)>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((job, reply)) = next else { return };
        if job.deadline.check().is_ok() {
            // Nobody is left to tell where the caller has gone meanwhile.
            let _ = reply.send(run(finder, &job));
        }
    }
}

fn run(finder: &dyn FactFinder, job: &Job) -> End {
    // A tier's state after a panic is its own business: the seam gives it no way to break ours.
    match catch_unwind(AssertUnwindSafe(|| finder.find(&job.query, &job.store, &job.deadline))) {
        Ok(Ok(answer)) => End::Answer(answer),
        Ok(Err(error)) => End::Error(error),
        Err(payload) => End::Panic(message(&*payload)),
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
}
