//! The model catalogue and the server's cache of it: what is there, pulls in the background, the embedder.

mod place;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use find_facts_api::admin::{ModelState, ModelStatus};
use find_facts_core::{Deadline, Embedder};
use find_facts_engine_onnx::{LoadError, MiniLm, MiniLmFiles, MiniLmOptions};
use find_facts_models::{
    Catalogue, CatalogueError, Entry, Home, InvalidSetting, NotLocated, OverBudget, PullError, PullSettings,
    Puller, Source, UnknownModel, holding, locate,
};

use crate::config::Environment;
use crate::http::chain;
use crate::machine::pss;

/// The catalogue of this build, for servers that name no other.
const BUILT_IN: &str = include_str!("../../../deploy-plans/models.toml");

/// The catalogue's key of the library that runs embedders.
const RUNTIME: &str = "onnxruntime";

/// The catalogue and the cache.
pub(crate) struct Models {
    home: Home,
    catalogue: ArcSwap<Catalogue>,
    settings: PullSettings,
    pulls: Mutex<BTreeMap<String, Pull>>,
}

/// A pull of this process.
enum Pull {
    Running,
    Failed(String),
}

/// Why there is no embedder.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoEmbedder {
    #[error("its files are not there")]
    NotLocated(#[from] NotLocated),
    #[error("it cannot be loaded")]
    NotLoaded(#[from] LoadError),
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

/// An embedder in memory, and what it took to bring it there.
#[derive(Clone)]
pub(crate) struct LoadedEmbedder {
    pub(crate) embedder: Arc<dyn Embedder>,
    pub(crate) took: Duration,
    /// Of the server's memory.
    pub(crate) bytes: u64,
}

impl NoEmbedder {
    /// What the operator can do.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::NotLocated(error) => error.hint(),
            Self::NotLoaded(error) => Some(error.hint().to_owned()),
            Self::OverBudget(_) => Some(
                "`MAX_TOTAL_MEMORY_GB` (`limits.total_memory_gb`) has to have room for the embedder"
                    .to_owned(),
            ),
        }
    }
}

impl Models {
    /// The catalogue at `file`, or the built-in one, and the cache that the environment names.
    pub(crate) fn new(file: Option<&Path>, environment: &Environment) -> Result<Self, ModelsError> {
        let hub = find_facts_models::HubSettings::read(|name| {
            environment.get(name).map(|value| value.to_string_lossy().into_owned())
        })?;
        let home = Home::new(place::root(environment), hub.cache.clone());
        let catalogue = ArcSwap::from_pointee(read(file)?);
        Ok(Self { home, catalogue, settings: PullSettings::new(hub), pulls: Mutex::default() })
    }

    /// Puts another catalogue in force.
    pub(crate) fn replace(&self, catalogue: Catalogue) {
        self.catalogue.store(Arc::new(catalogue));
    }

    /// Whether the catalogue has this key or alias.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.catalogue.load().get(name).is_ok()
    }

    /// Every model and what is there of it.
    pub(crate) fn list(&self) -> Vec<ModelStatus> {
        let pulls = self.pulls();
        self.catalogue.load().entries().map(|entry| self.status(entry, pulls.get(&entry.id))).collect()
    }

    /// Begins to pull a model, unless it is there or on its way.
    pub(crate) fn pull(
        self: &Arc<Self>,
        name: &str,
        licence_accepted: bool,
    ) -> Result<ModelStatus, UnknownModel> {
        let entry = self.catalogue.load().get(name)?.clone();
        let mut pulls = self.pulls();
        let is_running = matches!(pulls.get(&entry.id), Some(Pull::Running));
        if !is_running && !holding(&self.home, &entry).complete {
            let (models, entry) = (Arc::clone(self), entry.clone());
            let thread = std::thread::Builder::new().name("pull".to_owned());
            let id = entry.id.clone();
            let started = thread.spawn(move || models.run(&entry, licence_accepted));
            let state = started.map_or_else(|error| Pull::Failed(error.to_string()), |_| Pull::Running);
            pulls.insert(id, state);
        }
        Ok(self.status(&entry, pulls.get(&entry.id)))
    }

    /// Loads an embedder, once there is room for what it needs at least.
    pub(crate) fn embedder(
        &self,
        name: &str,
        make_room: impl FnOnce(u64) -> Result<(), OverBudget>,
    ) -> Result<LoadedEmbedder, NoEmbedder> {
        let catalogue = self.catalogue.load();
        let model = locate(&self.home, &catalogue, name)?;
        let runtime = locate(&self.home, &catalogue, RUNTIME)?;
        let library = runtime.files.values().next().cloned().unwrap_or_default();
        let files = MiniLmFiles {
            model: model.file("model.onnx")?,
            tokenizer: model.file("tokenizer.json")?,
            config: model.file("config.json")?,
            special_tokens_map: model.file("special_tokens_map.json")?,
            tokenizer_config: model.file("tokenizer_config.json")?,
        };
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let options = MiniLmOptions::for_cores(cores);
        let needed = MiniLm::memory_needed(&files, options)?;
        make_room(needed)?;
        let (started, before) = (Instant::now(), pss());
        let embedder = Arc::new(MiniLm::load(&files, &library, options)?);
        // Pages that an earlier embedder has left behind are used again, and the process doesn't grow by them.
        let grown = pss().zip(before).map_or(0, |(now, before)| now.saturating_sub(before));
        Ok(LoadedEmbedder { embedder, took: started.elapsed(), bytes: grown.max(needed) })
    }

    /// The key of a model that is one file, and that file.
    pub(crate) fn only_file(&self, name: &str) -> Result<(String, PathBuf), NotLocated> {
        let located = locate(&self.home, &self.catalogue.load(), name)?;
        // Of several files none is the model; an empty path is no GGUF file either.
        let file = match located.files.len() {
            1 => located.files.into_values().next().unwrap_or_default(),
            _ => PathBuf::new(),
        };
        Ok((located.id, file))
    }

    /// Whether it is one GGUF file, by its name in the catalogue or on this machine.
    pub(crate) fn is_language_model(&self, name: &str) -> Result<bool, UnknownModel> {
        let catalogue = self.catalogue.load();
        let [file] = &catalogue.get(name)?.files[..] else { return Ok(false) };
        let here = |source: &Source| matches!(source, Source::Path(path) if is_gguf(path));
        Ok(is_gguf(Path::new(&file.name)) || file.sources.iter().any(here))
    }

    /// The row of a model that is in the catalogue.
    pub(crate) fn row(&self, name: &str) -> Result<ModelStatus, UnknownModel> {
        let entry = self.catalogue.load().get(name)?.clone();
        Ok(self.status(&entry, self.pulls().get(&entry.id)))
    }

    /// The catalogue's key of a key or alias.
    pub(crate) fn id(&self, name: &str) -> String {
        self.catalogue.load().get(name).map_or_else(|_| name.to_owned(), |entry| entry.id.clone())
    }

    fn run(&self, entry: &Entry, licence_accepted: bool) {
        let pulled = Puller::new(self.home.clone(), self.settings.clone())
            .and_then(|puller| puller.pull(entry, licence_accepted, &Deadline::none(), &mut |_| {}));
        let mut pulls = self.pulls();
        match pulled {
            Ok(_) => {
                tracing::info!(model = entry.id, "the model is there");
                pulls.remove(&entry.id);
            }
            Err(error) => {
                let reason = with_hint(&error);
                tracing::warn!(model = entry.id, reason, "the model could not be pulled");
                pulls.insert(entry.id.clone(), Pull::Failed(reason));
            }
        }
    }

    fn status(&self, entry: &Entry, pull: Option<&Pull>) -> ModelStatus {
        let held = holding(&self.home, entry);
        let pinned = entry.require_pinned().is_ok();
        let (state, error) = match pull {
            Some(Pull::Running) => (ModelState::Pulling, None),
            _ if held.complete && pinned => (ModelState::Verified, None),
            _ if held.complete => (ModelState::Unpinned, None),
            Some(Pull::Failed(reason)) => (ModelState::Failed, Some(reason.clone())),
            None => (ModelState::Absent, None),
        };
        ModelStatus {
            id: entry.id.clone(),
            licence: entry.licence.name.clone(),
            state,
            bytes: held.bytes,
            total_bytes: entry.size(),
            pinned,
            error,
            memory: None,
        }
    }

    fn pulls(&self) -> MutexGuard<'_, BTreeMap<String, Pull>> {
        self.pulls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why there is no catalogue.
#[derive(Debug, thiserror::Error)]
pub enum ModelsError {
    /// It is wrong.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// A variable of the hub's is wrong.
    #[error(transparent)]
    Setting(#[from] InvalidSetting),
}

/// The catalogue at `file`, or the built-in one.
pub(crate) fn read(file: Option<&Path>) -> Result<Catalogue, CatalogueError> {
    match file {
        Some(path) => Catalogue::read(path),
        None => Catalogue::parse("the built-in models.toml", BUILT_IN),
    }
}

pub(crate) fn is_gguf(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gguf"))
}

fn with_hint(error: &PullError) -> String {
    let hint = error.hint().map(|hint| format!("; hint: {hint}"));
    format!("{}{}", chain(error), hint.unwrap_or_default())
}
