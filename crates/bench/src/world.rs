//! A knowledge base opened by the real store, with Tier 1 over it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use find_facts_core::{Deadline, Embedder, FactStore};
use find_facts_store::Store;
use find_facts_tier1::{Setup, SetupEvent, Tier1, Tier1Config};

/// A knowledge base and Tier 1 over it.
pub struct World {
    /// The last part of its folder.
    pub name: String,
    /// The facts.
    pub store: Arc<dyn FactStore>,
    /// Entity linking over them.
    pub tier: Tier1,
}

impl World {
    /// Opens the knowledge base in `kb`; index and vectors are kept in `state`.
    pub fn open(kb: &Path, state: &Path, embedder: Option<Arc<dyn Embedder>>) -> Result<Self> {
        let name =
            kb.file_name().map_or_else(|| "world".to_owned(), |name| name.to_string_lossy().into_owned());
        let opened =
            Store::open(kb, state, &mut |_| {}).with_context(|| format!("opening `{}`", kb.display()))?;
        let store: Arc<dyn FactStore> = opened.current();
        let vectors = vectors_of(state);
        let setup = Setup { config: Tier1Config::default(), embedder, vectors: Some(vectors) };
        let tier = Tier1::build(setup, &*store, &|event| tell(&name, &event), &Deadline::none())?;
        Ok(Self { name, store, tier })
    }
}

/// Where the vectors of a world are kept.
pub fn vectors_of(state: &Path) -> PathBuf {
    state.join("vectors")
}

#[expect(clippy::print_stderr, reason = "progress of a program that people run")]
fn tell(name: &str, event: &SetupEvent) {
    match event {
        SetupEvent::Embedding(progress) if progress.done % 4096 == 0 || progress.done == progress.total => {
            eprintln!("{name}: {} of {} names have a vector", progress.done, progress.total);
        }
        SetupEvent::Embedding(_) => {}
        other => eprintln!("{name}: {other:?}"),
    }
}
