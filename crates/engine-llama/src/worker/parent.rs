//! The parent's side: a [`LanguageModel`] whose work is done by a process that may die of it.
//!
//! One thread starts the worker, reads what it says, reaps it and starts the next. Callers write to the socket themselves.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use find_facts_core::{Deadline, EngineError, LanguageModel, Likelihood, Prompt};

use super::backoff::Backoff;
use super::call;
use super::frame::Received;
use super::process::{Loaded, Process};
use super::protocol::{Ask, FromWorker, Outcome};
use super::state::Shared;
use crate::error::{LoadError, chain};
use crate::llama::LlamaOptions;

/// A step of a model takes some 50 ms; whoever goes on for so long after its caller has gone hangs, and is killed.
const STUCK: Duration = Duration::from_secs(5);

/// How often one that waits for a first load looks whether it is still wanted: the cancel flag wakes nobody.
const LOOK: Duration = Duration::from_millis(20);

/// How the worker's program is started; it calls [`super::serve`] at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The program. A server names itself by `/proc/self/exe`, which stays the same while its file is being replaced.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// What is added to its environment.
    pub environment: Vec<(OsString, OsString)>,
}

/// Which model, by which program, within which limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerOptions {
    /// The model.
    pub model: LlamaOptions,
    /// The worker's program.
    pub command: WorkerCommand,
    /// Loading may take so long.
    pub loading: Duration,
    /// Bytes that the worker may allocate beside the mapped weights.
    pub memory: u64,
}

/// What became of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkerEvent {
    /// It ended though it was wanted, or could not be started again.
    Died {
        /// How.
        why: String,
        /// The next one is started after this.
        rest: Duration,
    },
    /// The next one has loaded the model.
    Returned {
        /// From the start of its process.
        took: Duration,
    },
}

/// A model in a worker.
pub struct LlamaWorker {
    name: String,
    fingerprint: String,
    shared: Arc<Shared>,
    loaded: Arc<Mutex<Loaded>>,
    supervisor: Option<JoinHandle<()>>,
}

impl LlamaWorker {
    /// Starts a worker and waits until it has loaded the model; one that is no longer `wanted` meanwhile is killed. From then on a
    /// worker that dies is replaced; `heard` is told, on a thread that does nothing meanwhile.
    pub fn start(
        options: WorkerOptions,
        wanted: &Deadline,
        heard: impl Fn(WorkerEvent) + Send + 'static,
    ) -> Result<Self, LoadError> {
        let shared = Arc::new(Shared::new());
        let name = options.model.name.clone();
        let program = options.command.program.clone();
        let (first, begun) = mpsc::sync_channel(1);
        let supervisor = Supervisor { options, shared: Arc::clone(&shared), heard: Box::new(heard) };
        let no_thread = |source| LoadError::Start { program, source };
        let thread = std::thread::Builder::new()
            .name("worker".to_owned())
            .spawn(move || supervisor.run(&first))
            .map_err(no_thread)?;
        loop {
            match begun.recv_timeout(LOOK) {
                Ok(Ok(loaded)) => {
                    let fingerprint = lock(&loaded).fingerprint.clone();
                    return Ok(Self { name, fingerprint, shared, loaded, supervisor: Some(thread) });
                }
                Ok(Err(error)) => return Err(error),
                Err(RecvTimeoutError::Timeout) if wanted.check().is_err() => shared.stop(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(LoadError::Engine("the worker's supervisor ended at once".to_owned()));
                }
            }
        }
    }

    /// What the present worker told when it had loaded; of one that has died, the last.
    pub fn loaded(&self) -> Loaded {
        lock(&self.loaded).clone()
    }

    /// The worker's process, while it lives.
    pub fn process(&self) -> Option<u32> {
        self.shared.process()
    }

    fn ask(&self, prompt: &Prompt<'_>, ask: Ask, deadline: &Deadline) -> Result<Outcome, EngineError> {
        call::ask(&self.shared, &self.name, prompt, ask, deadline)
    }
}

impl LanguageModel for LlamaWorker {
    fn name(&self) -> &str {
        &self.name
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn score(
        &self,
        prompt: &Prompt<'_>,
        continuations: &[&str],
        deadline: &Deadline,
    ) -> Result<Vec<Likelihood>, EngineError> {
        if continuations.is_empty() {
            return Ok(Vec::new());
        }
        let continuations = continuations.iter().map(|text| (*text).to_owned()).collect();
        let outcome = self.ask(prompt, Ask::Score { continuations }, deadline)?;
        call::scores(&self.name, outcome)
    }

    fn generate(
        &self,
        prompt: &Prompt<'_>,
        grammar: &str,
        most: usize,
        deadline: &Deadline,
    ) -> Result<String, EngineError> {
        let outcome = self.ask(prompt, Ask::Write { grammar: grammar.to_owned(), most }, deadline)?;
        call::text(&self.name, outcome)
    }
}

impl Drop for LlamaWorker {
    fn drop(&mut self) {
        self.shared.stop();
        if let Some(supervisor) = self.supervisor.take() {
            drop(supervisor.join());
        }
    }
}

type First = SyncSender<Result<Arc<Mutex<Loaded>>, LoadError>>;

struct Supervisor {
    options: WorkerOptions,
    shared: Arc<Shared>,
    heard: Box<dyn Fn(WorkerEvent) + Send>,
}

impl Supervisor {
    fn run(mut self, first: &First) {
        let mut backoff = Backoff::default();
        let mut told: Option<Arc<Mutex<Loaded>>> = None;
        loop {
            let known = told.as_ref().map(|told| lock(told).fingerprint.clone());
            let (why, lived) = match self.start(known.as_deref()) {
                Ok((process, loaded)) => {
                    match &told {
                        Some(told) => {
                            let took = loaded.took;
                            *lock(told) = loaded;
                            (self.heard)(WorkerEvent::Returned { took });
                        }
                        None => {
                            // Those that it does without may have been given to another model when it comes back.
                            if let Some(pace) = loaded.pace {
                                self.options.model.threads = pace.threads;
                            }
                            drop(first.send(Ok(Arc::clone(told.insert(Arc::new(Mutex::new(loaded)))))));
                        }
                    }
                    let ready = Instant::now();
                    (self.attend(process), ready.elapsed())
                }
                Err(error) if told.is_none() => {
                    drop(first.send(Err(error)));
                    return;
                }
                Err(error) => (chain(&error), Duration::ZERO),
            };
            if self.shared.is_stopped() {
                return;
            }
            let rest = backoff.died(lived);
            tracing::warn!(
                model = self.options.model.name,
                why,
                ?rest,
                "a worker ended; it is started again"
            );
            self.shared.gone(&why);
            (self.heard)(WorkerEvent::Died { why, rest });
            if !self.shared.rest(rest) {
                return;
            }
        }
    }

    /// Starts a worker. Where one had the model before, its weights have to be the same: what was answered by them is kept under
    /// their fingerprint.
    fn start(&self, known: Option<&str>) -> Result<(Process, Loaded), LoadError> {
        let mut process = Process::start(&self.options)?;
        let loaded = process.load(&self.options, || !self.shared.is_stopped())?;
        if known.is_some_and(|known| known != loaded.fingerprint) {
            let path = self.options.model.file.clone();
            return Err(LoadError::Changed { path });
        }
        let writer = process.writer.try_clone();
        let program = self.options.command.program.clone();
        let writer = writer.map_err(|source| LoadError::Start { program, source })?;
        // Where nobody wants it any more, its socket is closed with it.
        self.shared.ready(process.id(), writer);
        Ok((process, loaded))
    }

    /// Hands out answers until the worker ends; gives how it ended.
    fn attend(&self, mut process: Process) -> String {
        let broken = loop {
            if self.shared.is_stopped() {
                process.kill();
                return "it was unloaded".to_owned();
            }
            match process.frames.receive() {
                Ok(Received::Message(FromWorker::Answer { call, outcome })) => {
                    self.shared.answered(call, outcome);
                }
                Ok(Received::Message(other)) => {
                    break Some(format!("it said {other:?} where it should answer"));
                }
                Ok(Received::Closed) => break None,
                Ok(Received::Nothing) => {}
                Err(error) => break Some(error.to_string()),
            }
            if self.shared.longest_overdue(Instant::now()) > STUCK {
                process.kill();
                break Some("it went on for a caller that had gone".to_owned());
            }
        };
        // First those that wait: reaping may take a moment.
        self.shared.gone("it has just ended");
        if broken.is_some() {
            process.kill();
        }
        let how = process.end();
        broken.unwrap_or(how)
    }
}

/// What this guards is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
