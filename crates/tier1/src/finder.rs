//! Tier 1 as the service sees it: a query with parts in, linked facts out.

use std::sync::Arc;

use find_facts_core::{
    Deadline, Embedder, FactFinder, FactStore, FindQuery, FinderAnswer, FinderError, Tier,
};

use crate::answer::Search;
use crate::cache::{Answers, Key};
use crate::config::{Ingredients, Tier1Config};
use crate::features::Row;
use crate::live::Live;
use crate::segment::IndexError;
use crate::setup::{Setup, SetupError, SetupEvent};
use crate::vectors::{Query, query_of};
use crate::view::Hidden;

/// Entity linking over one knowledge base.
pub struct Tier1 {
    pub(crate) config: Tier1Config,
    embedder: Option<Arc<dyn Embedder>>,
    pub(crate) live: Arc<Live>,
    answers: Answers,
}

/// A row that was weighed for a mention, and the entity it speaks for; `None` stands for "none of them".
#[derive(Debug, Clone)]
pub struct Weighed {
    /// The entity's name in the facts.
    pub entity: Option<Arc<str>>,
    /// Its features.
    pub row: Row,
}

impl Tier1 {
    /// Indexes a knowledge base and embeds the names that have no stored vector. Takes minutes the first time: call it where nobody waits.
    pub fn build(
        setup: Setup,
        store: &dyn FactStore,
        event: &dyn Fn(SetupEvent),
        deadline: &Deadline,
    ) -> Result<Self, SetupError> {
        let live = Live::new(store, setup.embedder.clone(), setup.vectors, event, deadline)?;
        let answers = Answers::new(setup.config.cache_size);
        Ok(Self { config: setup.config, embedder: setup.embedder, live: Arc::new(live), answers })
    }

    /// Takes in what changed, with the vectors of new names. Queries see changes without it, but link new names by letters only,
    /// and ever slower; so call it in the background after each change.
    pub fn follow(
        &self,
        store: &dyn FactStore,
        event: &dyn Fn(SetupEvent),
        deadline: &Deadline,
    ) -> Result<(), SetupError> {
        self.live.follow(store, event, deadline)
    }

    /// How many answers the cache holds, give or take those being written.
    pub fn cached(&self) -> u64 {
        self.answers.len()
    }

    /// The same index with other ingredients, so that an ablation builds it once.
    pub fn with_parts(&self, parts: Ingredients) -> Self {
        Self {
            config: Tier1Config { parts, ..self.config.clone() },
            embedder: self.embedder.clone(),
            live: self.live.clone(),
            answers: Answers::new(self.config.cache_size),
        }
    }

    /// What would be weighed for a query with one part to link; what the ranking learns from.
    pub fn inspect(
        &self,
        query: &FindQuery,
        store: &dyn FactStore,
        deadline: &Deadline,
    ) -> Result<Vec<Weighed>, FinderError> {
        let view = self.live.view(store, deadline).map_err(not_indexed)?;
        let ranking = self.search(query, store, deadline, true, |search| search.inspect())?;
        let entity = |at| view.entity(at).name.clone();
        Ok(ranking.rows.into_iter().map(|(at, row)| Weighed { entity: at.map(entity), row }).collect())
    }

    fn search<T>(
        &self,
        query: &FindQuery,
        store: &dyn FactStore,
        deadline: &Deadline,
        exhaustive: bool,
        run: impl FnOnce(&Search<'_>) -> Result<T, FinderError>,
    ) -> Result<T, FinderError> {
        let view = self.live.view(store, deadline).map_err(not_indexed)?;
        let hidden = Hidden::new(&query.without);
        let embed = |raw: &str| self.vector_of(raw, deadline);
        run(&Search {
            query,
            store,
            view: &view,
            config: &self.config,
            hidden: &hidden,
            embed: &embed,
            deadline,
            exhaustive,
        })
    }

    pub(crate) fn vector_of(&self, raw: &str, deadline: &Deadline) -> Result<Option<Query>, FinderError> {
        match &self.embedder {
            Some(embedder) => Ok(Some(query_of(&**embedder, raw, deadline)?)),
            None => Ok(None),
        }
    }
}

impl FactFinder for Tier1 {
    fn tier(&self) -> Tier {
        Tier::Tier1
    }

    fn find(
        &self,
        query: &FindQuery,
        store: &Arc<dyn FactStore>,
        deadline: &Deadline,
    ) -> Result<FinderAnswer, FinderError> {
        deadline.check()?;
        let view = self.live.view(&**store, deadline).map_err(not_indexed)?;
        let key = Key::of(query, store.version(), view.number);
        if let Some(answer) = key.as_ref().and_then(|key| self.answers.get(key)) {
            return Ok(answer);
        }
        let model = self.embedder.as_deref().map(Embedder::name);
        let answer = self.search(query, &**store, deadline, false, |search| search.answer(model))?;
        if let Some(key) = key {
            self.answers.put(key, &answer);
        }
        Ok(answer)
    }
}

pub(crate) fn not_indexed(error: IndexError) -> FinderError {
    match error {
        IndexError::Store(store) => store.into(),
        dictionary => FinderError::NotReady(dictionary.to_string()),
    }
}
