//! Language models in memory: each in a worker of its own, as many as the budget allows beside the embedder. Each is loaded on
//! a thread of its own; the least recently used make room for it, and none that anybody holds.

mod cores;
mod handle;
mod shelf;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use find_facts_api::admin::{EventKind, ModelStatus};
use find_facts_core::health::ModelReport;
use find_facts_core::{Deadline, Embedder, Tier};
use find_facts_engine_llama::{
    LlamaOptions, LlamaWorker, LoadError, WorkerCommand, WorkerEvent, WorkerOptions, memory_needed,
};
use find_facts_models::{Budget, NotLocated, OverBudget, UnknownModel};

use crate::control::Control;
use crate::http::chain;
use crate::models::{Models, is_gguf};
use cores::Cores;
pub(crate) use handle::Handle;
use shelf::{InUse, Shelf, Unloaded};

/// The hidden subcommand that makes this program a worker.
pub(crate) const WORKER: &str = "worker";

/// How many language models each tier has.
const LANGUAGE_MODELS: [(Tier, usize); 2] = [(Tier::Tier2, 1), (Tier::Tier3, 2)];

/// A worker may allocate this many times what its model should need before it is killed: repacked weights are a second
/// copy of them, and a batch's buffers come on top.
const LENIENCE: u64 = 2;

/// The language models of a running server.
pub(crate) struct Languages {
    models: Arc<Models>,
    control: Arc<Control>,
    shelf: Arc<Shelf>,
}

/// Why a model is not loaded or unloaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CannotLoad {
    #[error(transparent)]
    NotLocated(#[from] NotLocated),
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    #[error(transparent)]
    NotLoadable(#[from] LoadError),
    #[error("`{0}` is no language model: it is not one GGUF file")]
    NotLanguage(String),
    #[error(transparent)]
    InUse(#[from] InUse),
    #[error("`{0}` is no language model: it leaves memory with the last of the tiers that have it")]
    LeavesWithTiers(String),
    #[error(transparent)]
    Unknown(#[from] UnknownModel),
    #[error("no thread to load it on")]
    NoThread(#[source] std::io::Error),
}

impl Languages {
    pub(crate) fn new(models: Arc<Models>, control: Arc<Control>) -> Self {
        Self { models, control, shelf: Arc::default() }
    }

    /// Begins to load a model, unless it is loaded or being loaded. A refusal unloads nothing.
    pub(crate) fn load(self: &Arc<Self>, name: &str) -> Result<ModelStatus, CannotLoad> {
        let (id, file) = self.models.only_file(name)?;
        if !is_gguf(&file) {
            return Err(CannotLoad::NotLanguage(id));
        }
        let needed = memory_needed(&file)?;
        let begun = self.shelf.begin(&id, needed, &self.budget(), self.cores(), Instant::now())?;
        let shelf::Begun::Now { wanted, threads, unloaded } = begun else { return self.status(&id) };
        leave(unloaded, &id);
        let model = LlamaOptions { name: id.clone(), file, threads };
        let (languages, options) = (Arc::clone(self), self.options(model, needed));
        let (loading, still_wanted) = (id.clone(), wanted.clone());
        let thread = std::thread::Builder::new().name("load".to_owned());
        if let Err(error) = thread.spawn(move || languages.run(&loading, options, &still_wanted)) {
            self.shelf.failed(&id, &wanted, error.to_string());
            return Err(CannotLoad::NoThread(error));
        }
        self.status(&id)
    }

    /// A model as tiers hold it. Begins to load it, and waits until it is there or will not be: it may come later.
    pub(crate) fn model(self: &Arc<Self>, name: &str, deadline: &Deadline) -> Arc<Handle> {
        let id = self.models.id(name);
        let fingerprint = match self.load(&id) {
            Ok(_) => self.shelf.wait(&id, deadline),
            Err(error) => {
                self.shelf.refused(&id, chain(&error));
                None
            }
        };
        let fingerprint = fingerprint.map(OnceLock::from).unwrap_or_default();
        Arc::new(Handle { id, fingerprint, shelf: Arc::clone(&self.shelf) })
    }

    /// Makes room for an embedder of so many bytes; a refusal unloads nothing.
    pub(crate) fn make_room(&self, embedder: &str, needed: u64) -> Result<(), OverBudget> {
        let unloaded = self.shelf.make_room(embedder, needed, &self.budget(), Instant::now())?;
        leave(unloaded, embedder);
        Ok(())
    }

    /// Counts a loaded embedder for as long as somebody has it: no language model gets its memory. A refusal unloads nothing.
    pub(crate) fn seat(&self, id: &str, bytes: u64, embedder: &Arc<dyn Embedder>) -> Result<(), OverBudget> {
        let unloaded = self.shelf.seat(id, bytes, embedder, &self.budget(), Instant::now())?;
        leave(unloaded, id);
        Ok(())
    }

    /// Unloads a model, unless somebody holds it. What is being loaded is given up.
    pub(crate) fn unload(&self, name: &str) -> Result<ModelStatus, CannotLoad> {
        let id = self.models.row(name)?.id;
        if !self.models.is_language_model(&id)? {
            return Err(CannotLoad::LeavesWithTiers(id));
        }
        drop(self.shelf.take(&id)?);
        self.status(&id)
    }

    /// Ends all workers.
    pub(crate) fn stop(&self) {
        self.shelf.clear();
    }

    /// What this adds to the rows of the catalogue.
    pub(crate) fn complete(&self, mut row: ModelStatus) -> ModelStatus {
        row.memory = self.shelf.memory(&row.id);
        row
    }

    /// The models that are in memory, or failed to get there.
    pub(crate) fn reports(&self) -> Vec<ModelReport> {
        self.shelf.reports(|id| self.tier_of(id))
    }

    /// Bytes of all workers.
    pub(crate) fn memory(&self) -> u64 {
        self.reports().iter().filter_map(|report| report.memory_bytes).sum()
    }

    fn run(&self, id: &str, options: WorkerOptions, wanted: &Deadline) {
        let (control, model) = (Arc::clone(&self.control), id.to_owned());
        match LlamaWorker::start(options, wanted, move |event| control.announce(told(&model, event))) {
            Ok(worker) => {
                tracing::info!(model = id, loaded = ?worker.loaded(), "the language model is loaded");
                self.shelf.loaded(id, wanted, worker);
            }
            Err(_) if wanted.check().is_err() => {
                tracing::info!(model = id, "the language model was unloaded while it was being loaded");
            }
            Err(error) => {
                let reason = format!("{}; hint: {}", chain(&error), error.hint());
                tracing::error!(model = id, reason, "the language model cannot be loaded");
                self.shelf.failed(id, wanted, reason);
            }
        }
    }

    fn status(&self, id: &str) -> Result<ModelStatus, CannotLoad> {
        Ok(self.complete(self.models.row(id)?))
    }

    fn budget(&self) -> Budget {
        let limits = &self.control.live().config.limits;
        Budget {
            language_models: usize::try_from(limits.models_loaded).unwrap_or(usize::MAX),
            bytes: (limits.total_memory_gb * 1e9).round() as u64,
        }
    }

    fn options(&self, model: LlamaOptions, needed: u64) -> WorkerOptions {
        WorkerOptions {
            model,
            command: WorkerCommand {
                program: this_program(),
                arguments: vec![OsString::from(WORKER)],
                environment: Vec::new(),
            },
            loading: self.control.live().config.limits.model_loading_timeout,
            memory: needed.saturating_mul(LENIENCE),
        }
    }

    /// As many models share the cores as the tiers of the generation have.
    fn cores(&self) -> Cores {
        let live = self.control.live();
        let of_tier =
            |(tier, models): (Tier, usize)| if live.record.tiers.contains_key(&tier) { models } else { 0 };
        let wanted: usize = LANGUAGE_MODELS.map(of_tier).iter().sum();
        let most = usize::try_from(live.config.limits.models_loaded).unwrap_or(usize::MAX);
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Cores { cores, models: wanted.min(most) }
    }

    /// The lowest tier whose configuration names the model; Tier 2 for one that none does.
    fn tier_of(&self, id: &str) -> Tier {
        let live = self.control.live();
        let names_it = |tier: &Tier| self.models.id(&live.config.tier(*tier).model) == id;
        [Tier::Tier2, Tier::Tier3].into_iter().find(names_it).unwrap_or(Tier::Tier2)
    }
}

fn leave(unloaded: Unloaded, id: &str) {
    for (other, worker) in unloaded {
        tracing::info!(model = other, "unloaded, to make room for `{id}`");
        drop(worker);
    }
}

/// The same for those who listen to the server.
fn told(model: &str, event: WorkerEvent) -> EventKind {
    let (model, ms) = (model.to_owned(), |time: Duration| time.as_millis() as u64);
    match event {
        WorkerEvent::Died { why, rest } => EventKind::WorkerDied { model, reason: why, rest_ms: ms(rest) },
        WorkerEvent::Returned { took } => EventKind::WorkerReturned { model, load_ms: ms(took) },
    }
}

/// What is running, also after its file was replaced by the next version.
fn this_program() -> PathBuf {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return running.to_owned();
    }
    std::env::current_exe().unwrap_or_else(|_| running.to_owned())
}
