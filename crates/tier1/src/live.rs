//! Keeps a view in step with the store: what changed goes into a small segment, and once that has grown, into a new large one.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use find_facts_core::{Deadline, Embedder, EntityId, FactStore};
use rustc_hash::FxHashSet;

use crate::segment::{IndexError, Segment};
use crate::setup::{SetupError, SetupEvent};
use crate::vectors::{VectorFile, VectorFileError, Vectors, Work, embed_missing};
use crate::view::{Layer, View};

/// The small segment is made anew with every change, so it is merged before that takes longer than a query may.
const MERGE_FROM: usize = 2_000;

/// The current view, and what it takes to make the next.
pub(crate) struct Live {
    view: ArcSwap<View>,
    turn: Mutex<()>,
    embedder: Option<Arc<dyn Embedder>>,
    path: Option<PathBuf>,
}

impl Live {
    /// Indexes a knowledge base as it is now.
    pub(crate) fn new(
        store: &dyn FactStore,
        embedder: Option<Arc<dyn Embedder>>,
        path: Option<PathBuf>,
        event: &dyn Fn(SetupEvent),
        deadline: &Deadline,
    ) -> Result<Self, SetupError> {
        let base = base_layer(store, embedder.as_deref(), path.as_deref(), event, deadline)?;
        let version = store.version();
        let view =
            View { version, number: 0, base, base_version: version, delta: None, changed: Arc::default() };
        Ok(Self { view: ArcSwap::from_pointee(view), turn: Mutex::default(), embedder, path })
    }

    /// The view to answer from: brought up to the store's version where that is quickly done, without new vectors.
    pub(crate) fn view(&self, store: &dyn FactStore, deadline: &Deadline) -> Result<Arc<View>, IndexError> {
        let view = self.view.load_full();
        if store.version() <= view.version {
            return Ok(view);
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let view = self.view.load_full();
        match store.changed_since(view.base_version) {
            Some(changed) if store.version() > view.version && changed.len() <= MERGE_FROM => {
                let delta = Segment::of_some(&changed, store, deadline)?;
                Ok(self.publish(with_delta(&view, store, changed, delta, None)))
            }
            _ => Ok(view),
        }
    }

    /// Brings the view up to the store's version with everything that takes longer: vectors of new names, and merging.
    pub(crate) fn follow(
        &self,
        store: &dyn FactStore,
        event: &dyn Fn(SetupEvent),
        deadline: &Deadline,
    ) -> Result<(), SetupError> {
        let view = self.view(store, deadline)?;
        let changed = store.changed_since(view.base_version);
        let next = match changed {
            Some(changed) if changed.is_empty() => return Ok(()),
            Some(changed) if changed.len() <= MERGE_FROM => {
                let delta = Segment::of_some(&changed, store, deadline)?;
                let vectors = self.delta_vectors(&delta, event, deadline)?;
                with_delta(&view, store, changed, delta, vectors)
            }
            _ => {
                let base =
                    base_layer(store, self.embedder.as_deref(), self.path.as_deref(), event, deadline)?;
                let version = store.version();
                View { version, number: 0, base, base_version: version, delta: None, changed: Arc::default() }
            }
        };
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        if self.view.load().version <= next.version {
            self.publish(next);
        }
        Ok(())
    }

    fn publish(&self, next: View) -> Arc<View> {
        let next = Arc::new(View { number: self.view.load().number + 1, ..next });
        self.view.store(next.clone());
        next
    }

    fn delta_vectors(
        &self,
        delta: &Segment,
        event: &dyn Fn(SetupEvent),
        deadline: &Deadline,
    ) -> Result<Option<Arc<Vectors>>, SetupError> {
        let Some(embedder) = self.embedder.as_deref() else { return Ok(None) };
        let progress = |progress| event(SetupEvent::Embedding(progress));
        let work = Work { embedder, path: None, progress: &progress, unsaved: &|_| {}, deadline };
        let file = embed_missing(&delta.names, None, &work)?;
        Ok(Some(Arc::new(Vectors::new(file, &delta.names))))
    }
}

fn with_delta(
    view: &View,
    store: &dyn FactStore,
    changed: Vec<EntityId>,
    delta: Segment,
    vectors: Option<Arc<Vectors>>,
) -> View {
    let changed: FxHashSet<EntityId> = changed.into_iter().collect();
    View {
        version: store.version(),
        delta: Some(Layer { segment: Arc::new(delta), vectors }),
        changed: Arc::new(changed),
        ..view.clone()
    }
}

fn base_layer(
    store: &dyn FactStore,
    embedder: Option<&dyn Embedder>,
    path: Option<&Path>,
    event: &dyn Fn(SetupEvent),
    deadline: &Deadline,
) -> Result<Layer, SetupError> {
    let segment = Segment::of_all(store, deadline)?;
    event(SetupEvent::Indexed { names: segment.names.len() });
    let Some(embedder) = embedder else { return Ok(Layer { segment: Arc::new(segment), vectors: None }) };
    let known = path.and_then(|path| stored(path, embedder, event));
    let progress = |progress| event(SetupEvent::Embedding(progress));
    let unsaved = |error| event(SetupEvent::VectorsUnsaved(error));
    let work = Work { embedder, path, progress: &progress, unsaved: &unsaved, deadline };
    let file = embed_missing(&segment.names, known, &work)?;
    let vectors = Vectors::new(file, &segment.names);
    Ok(Layer { segment: Arc::new(segment), vectors: Some(Arc::new(vectors)) })
}

/// Stored vectors that can be used; of others, only the reason is told.
fn stored(path: &Path, embedder: &dyn Embedder, event: &dyn Fn(SetupEvent)) -> Option<VectorFile> {
    match VectorFile::open(path, embedder.fingerprint(), embedder.dimensions()) {
        Ok(file) => Some(file),
        Err(VectorFileError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => None,
        Err(refused) => {
            event(SetupEvent::VectorsRefused(refused));
            None
        }
    }
}
