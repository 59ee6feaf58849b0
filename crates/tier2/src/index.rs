//! One version of the knowledge base's relations with their vectors, and what is remembered of questions put to it.

use std::path::Path;
use std::sync::Arc;

use find_facts_core::{Deadline, Embedder, FactStore, Predicate};
use quick_cache::sync::Cache;

use crate::choice::{Opinion, Reluctance};
use crate::rank::Ranking;
use crate::relations::Relations;
use crate::setup::{SetupError, SetupEvent};
use crate::vectors::vectors_of;

/// The relations of one version, immutable but for its memory.
pub(crate) struct Index {
    pub(crate) relations: Relations,
    /// One for each template; none without a model.
    pub(crate) vectors: Vec<Vec<f32>>,
    /// Rankings by masked question: they belong to these relations and to no others.
    pub(crate) rankings: Cache<String, Arc<Ranking>>,
    /// What a language model thought of relations, by what it was asked.
    pub(crate) opinions: Cache<String, Opinion>,
    /// How seldom it is asked, where it was too late.
    pub(crate) reluctance: Reluctance,
    predicates: Vec<Predicate>,
}

impl Index {
    /// Reads the relations and embeds the wordings that have no stored vector.
    pub(crate) fn build(
        store: &dyn FactStore,
        embedder: Option<&dyn Embedder>,
        path: Option<&Path>,
        room: usize,
        event: &dyn Fn(SetupEvent),
        deadline: &Deadline,
    ) -> Result<Self, SetupError> {
        let relations = Relations::of(store, deadline)?;
        event(SetupEvent::Indexed {
            relations: relations.list.len() / 2,
            wordings: relations.templates.len(),
        });
        let texts: Vec<&str> = relations.templates.iter().map(|template| &*template.text).collect();
        let vectors = match embedder {
            Some(embedder) => vectors_of(&texts, embedder, path, event, deadline)?,
            None => Vec::new(),
        };
        let predicates = named(store, deadline)?;
        let room = room.max(1);
        Ok(Self {
            relations,
            vectors,
            rankings: Cache::new(room),
            opinions: Cache::new(room),
            reluctance: Reluctance::default(),
            predicates,
        })
    }

    /// Whether a version of the knowledge base has other relations, or other wordings of them.
    pub(crate) fn is_outdated(&self, store: &dyn FactStore, deadline: &Deadline) -> Result<bool, SetupError> {
        Ok(named(store, deadline)? != self.predicates)
    }
}

/// The relations without their counts, which change with every fact.
fn named(store: &dyn FactStore, deadline: &Deadline) -> Result<Vec<Predicate>, SetupError> {
    let mut predicates = store.predicates(deadline)?;
    predicates.iter_mut().for_each(|predicate| predicate.facts = 0);
    predicates.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(predicates)
}
