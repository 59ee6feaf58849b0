//! Tier 2 as the service sees it: a question or parts in, facts with what they were taken for out.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use find_facts_core::{
    Deadline, Embedder, FactFinder, FactStore, FindQuery, FinderAnswer, FinderError, LanguageModel, Mode,
    Tier,
};
use find_facts_tier1::Tier1;

use crate::ask::{Ask, ModelsUsed};
use crate::cache::{Answers, Key};
use crate::config::{Ingredients, Tier2Config};
use crate::index::Index;
use crate::setup::{Setup, SetupError, SetupEvent};
use crate::{fuzzy, question, wording};

/// Semantic expansion over one knowledge base.
pub struct Tier2 {
    config: Tier2Config,
    tier1: Arc<Tier1>,
    embedder: Option<Arc<dyn Embedder>>,
    language_model: Option<Arc<dyn LanguageModel>>,
    path: Option<PathBuf>,
    index: ArcSwap<Index>,
    answers: Answers,
}

impl Tier2 {
    /// Reads the relations of a knowledge base and embeds the wordings that have no stored vector. Takes seconds the first time.
    pub fn build(
        setup: Setup,
        store: &dyn FactStore,
        event: &dyn Fn(SetupEvent),
        deadline: &Deadline,
    ) -> Result<Self, SetupError> {
        let Setup { config, tier1, embedder, language_model, vectors: path } = setup;
        let room = config.cache_size;
        let index = Index::build(store, embedder.as_deref(), path.as_deref(), room, event, deadline)?;
        let answers = Answers::new(room);
        Ok(Self {
            config,
            tier1,
            embedder,
            language_model,
            path,
            index: ArcSwap::from_pointee(index),
            answers,
        })
    }

    /// Takes in relations that are new, or have new wordings. Facts are always looked up; what their names say that they are names
    /// of is seen when relations change, and at the next start.
    pub fn follow(
        &self,
        store: &dyn FactStore,
        event: &dyn Fn(SetupEvent),
        deadline: &Deadline,
    ) -> Result<(), SetupError> {
        if self.index.load().is_outdated(store, deadline)? {
            let (embedder, path) = (self.embedder.as_deref(), self.path.as_deref());
            let next = Index::build(store, embedder, path, self.config.cache_size, event, deadline)?;
            self.index.store(Arc::new(next));
        }
        Ok(())
    }

    /// How many answers the cache holds, give or take those being written.
    pub fn cached(&self) -> u64 {
        self.answers.len()
    }

    /// What it has to do without, for those who run it.
    pub fn lacks(&self) -> Vec<String> {
        let mut lacks = Vec::new();
        if self.embedder.is_none() {
            lacks.push("compares wordings by their words alone: no embedding model is there".to_owned());
        }
        if self.language_model.is_none() {
            lacks.push("works without a language model".to_owned());
        }
        lacks
    }

    /// The same over the same relations with other ingredients, so that an ablation builds them once.
    pub fn with_parts(&self, parts: Ingredients, store: &dyn FactStore) -> Result<Self, SetupError> {
        let setup = Setup {
            config: Tier2Config { parts, ..self.config.clone() },
            tier1: Arc::clone(&self.tier1),
            embedder: self.embedder.clone(),
            language_model: self.language_model.clone(),
            vectors: self.path.clone(),
        };
        Self::build(setup, store, &|_| {}, &Deadline::none())
    }

    fn ask(
        &self,
        query: &FindQuery,
        store: &Arc<dyn FactStore>,
        index: &Index,
        deadline: &Deadline,
    ) -> Result<FinderAnswer, FinderError> {
        let ask = Ask {
            query,
            config: &self.config,
            index,
            tier1: &self.tier1,
            embedder: self.embedder.as_deref(),
            store: &**store,
            deadline,
            language_model: self.language_model.as_deref(),
            models_used: ModelsUsed::default(),
            consulted: Cell::default(),
            links: Default::default(),
        };
        if query.mode == Mode::FuzzyRanked {
            return fuzzy::answer(&ask);
        }
        if let Some(text) = &query.text {
            return question::answer(&ask, text);
        }
        let unknown = match &query.parts.predicate {
            Some(predicate) => !wording::is_known(&ask, predicate)?,
            None => false,
        };
        if unknown {
            return wording::answer(&ask);
        }
        let linked = FindQuery { mode: Mode::EntityLinked, ..query.clone() };
        self.tier1.find(&linked, store, deadline)
    }
}

impl FactFinder for Tier2 {
    fn tier(&self) -> Tier {
        Tier::Tier2
    }

    fn find(
        &self,
        query: &FindQuery,
        store: &Arc<dyn FactStore>,
        deadline: &Deadline,
    ) -> Result<FinderAnswer, FinderError> {
        deadline.check()?;
        let key = Key::of(query, store.version());
        if let Some(answer) = key.as_ref().and_then(|key| self.answers.get(key)) {
            return Ok(answer);
        }
        let index = self.index.load_full();
        let answer = self.ask(query, store, &index, deadline)?;
        if let Some(key) = key {
            self.answers.put(key, &answer);
        }
        Ok(answer)
    }
}
