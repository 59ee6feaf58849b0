//! One version of the knowledge base as linking sees it: a large segment, a small one with what changed since, and what is hidden.
//! An entity that is in the small segment, or is gone, is never taken from the large one.

use std::sync::Arc;

use find_facts_core::{EntityId, KbVersion, Without};
use rustc_hash::FxHashSet;
use unicode_normalization::UnicodeNormalization;

use crate::names::{EntityRow, Name};
use crate::segment::Segment;
use crate::vectors::Vectors;

/// A segment and the vectors of its names, where they are known.
#[derive(Clone)]
pub(crate) struct Layer {
    pub segment: Arc<Segment>,
    pub vectors: Option<Arc<Vectors>>,
}

/// One version of the knowledge base.
#[derive(Clone)]
pub(crate) struct View {
    pub version: KbVersion,
    /// Grows with every exchange of a view, so that a cached answer is known to belong to this one.
    pub number: u64,
    /// The large segment, and the version it was made of.
    pub base: Layer,
    pub base_version: KbVersion,
    /// What changed since.
    pub delta: Option<Layer>,
    /// Entities that the large segment may no longer speak for.
    pub changed: Arc<FxHashSet<EntityId>>,
}

/// Which segment a name is in, and which name of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NameRef {
    pub in_delta: bool,
    pub name: u32,
}

impl View {
    /// The layers to ask, with the mark that their names carry.
    pub(crate) fn layers(&self) -> impl Iterator<Item = (bool, &Layer)> {
        std::iter::once((false, &self.base)).chain(self.delta.iter().map(|delta| (true, delta)))
    }

    /// The layer of a name.
    pub(crate) fn layer(&self, at: NameRef) -> &Layer {
        match &self.delta {
            Some(delta) if at.in_delta => delta,
            _ => &self.base,
        }
    }

    /// A name.
    pub(crate) fn name(&self, at: NameRef) -> &Name {
        &self.layer(at).segment.names[at.name as usize]
    }

    /// The entity of a name.
    pub(crate) fn entity(&self, at: NameRef) -> &EntityRow {
        self.layer(at).segment.entity_of(at.name)
    }

    /// Whether a name may be used for a query.
    pub(crate) fn shows(&self, at: NameRef, hidden: &Hidden) -> bool {
        let entity = self.entity(at);
        (at.in_delta || !self.changed.contains(&entity.id)) && !hidden.hides(entity, self.name(at))
    }
}

/// Names hidden for one request, as they are stored.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    aliases: FxHashSet<String>,
    entities: FxHashSet<String>,
}

impl Hidden {
    /// Takes the texts as a request gives them.
    pub(crate) fn new(without: &Without) -> Self {
        let stored = |texts: &[Arc<str>]| texts.iter().map(|text| text.nfc().collect()).collect();
        Self { aliases: stored(&without.aliases), entities: stored(&without.entities) }
    }

    /// Whether an entity of this name is hidden.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        self.entities.contains(name)
    }

    fn hides(&self, entity: &EntityRow, name: &Name) -> bool {
        self.entities.contains(&*entity.name)
            || (name.raw != entity.name && self.aliases.contains(&*name.raw))
    }
}
