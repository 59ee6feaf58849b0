//! Every index over one set of entities. Immutable: what changes later goes into a segment of its own.

use find_facts_core::{Deadline, Entity, EntityId, FactStore, StoreError};

use crate::abbreviation::Abbreviations;
use crate::background::Background;
use crate::dictionary::Dictionary;
use crate::names::{EntityRow, Name, names_of};
use crate::ngram::Ngrams;
use crate::profile::Profiles;
use crate::rewrites::Rewrites;
use crate::senses;
use crate::words::Words;

/// How many entities are asked of the store at a time.
const PAGE: usize = 4096;

/// The indexes over some entities of a knowledge base.
pub(crate) struct Segment {
    pub entities: Vec<EntityRow>,
    pub names: Vec<Name>,
    pub profiles: Profiles,
    pub dictionary: Dictionary,
    pub ngrams: Ngrams,
    pub words: Words,
    pub abbreviations: Abbreviations,
    pub background: Background,
    pub rewrites: Rewrites,
}

/// Why a segment could not be built.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The knowledge base could not be read.
    #[error("the knowledge base could not be read")]
    Store(#[from] StoreError),
    /// The dictionary of names could not be made.
    #[error("the dictionary of names could not be made")]
    Dictionary(#[source] fst::Error),
}

impl Segment {
    /// Indexes every entity that stands in a fact.
    pub(crate) fn of_all(store: &dyn FactStore, deadline: &Deadline) -> Result<Self, IndexError> {
        senses::load();
        let mut builder = Builder::default();
        let mut from = EntityId(0);
        loop {
            let page = store.entities(from, PAGE, deadline)?;
            let complete = page.len() < PAGE;
            if let Some(last) = page.last() {
                from = EntityId(last.id.0 + 1);
            }
            for entity in page {
                builder.add(entity, store, deadline)?;
            }
            if complete {
                return builder.finish();
            }
        }
    }

    /// Indexes some entities; those that stand in no fact any more are left out.
    pub(crate) fn of_some(
        ids: &[EntityId],
        store: &dyn FactStore,
        deadline: &Deadline,
    ) -> Result<Self, IndexError> {
        let mut builder = Builder::default();
        for id in ids {
            for entity in store.entities(*id, 1, deadline)?.into_iter().filter(|entity| entity.id == *id) {
                builder.add(entity, store, deadline)?;
            }
        }
        builder.finish()
    }

    /// The entity that a name belongs to.
    pub(crate) fn entity_of(&self, name: u32) -> &EntityRow {
        &self.entities[self.names[name as usize].entity as usize]
    }

    /// All names of the entity that a name belongs to; they stand together.
    pub(crate) fn names_of(&self, name: u32) -> impl Iterator<Item = u32> {
        let entity = self.names[name as usize].entity;
        let from = self.names.partition_point(|name| name.entity < entity) as u32;
        (from..)
            .zip(&self.names[from as usize..])
            .take_while(move |(_, name)| name.entity == entity)
            .map(|(at, _)| at)
    }
}

#[derive(Default)]
struct Builder {
    entities: Vec<EntityRow>,
    names: Vec<Name>,
    profiles: Profiles,
}

impl Builder {
    fn add(&mut self, entity: Entity, store: &dyn FactStore, deadline: &Deadline) -> Result<(), StoreError> {
        if entity.as_subject + entity.as_object == 0 {
            return Ok(());
        }
        let profile = self.profiles.of(store, &entity.name, deadline)?;
        self.names.extend(names_of(&entity, self.entities.len() as u32));
        self.entities.push(EntityRow {
            id: entity.id,
            aliases: entity.aliases.len() as u32,
            degree: entity.as_subject + entity.as_object,
            profile,
            name: entity.name,
        });
        Ok(())
    }

    fn finish(self) -> Result<Segment, IndexError> {
        let Self { entities, names, profiles } = self;
        Ok(Segment {
            dictionary: Dictionary::build(&names).map_err(IndexError::Dictionary)?,
            ngrams: Ngrams::build(&names),
            words: Words::build(&names),
            abbreviations: Abbreviations::build(&names, &entities),
            background: Background::build(&names),
            rewrites: Rewrites::build(&names),
            profiles,
            entities,
            names,
        })
    }
}
