//! The names of one segment: every entity, every name it goes by, and the folded form of each.
//! Entities stand in the order of their numbers, and the names of one entity stand together.

use std::sync::Arc;

use find_facts_core::{Entity, EntityId};

use crate::normalise::{fold, has_letter, squash, without_qualifier};

/// What a name is to its entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NameKind {
    /// The name in the facts.
    Name,
    /// Another name that the knowledge base knows.
    Alias,
    /// A name or an alias without its qualifier in parentheses.
    Base,
}

/// One name of one entity.
#[derive(Debug)]
pub(crate) struct Name {
    /// Index of the entity in its segment.
    pub entity: u32,
    /// What it is to the entity.
    pub kind: NameKind,
    /// As it was written.
    pub raw: Arc<str>,
    /// As it is compared.
    pub folded: Box<str>,
}

/// One entity of a segment.
#[derive(Debug)]
pub(crate) struct EntityRow {
    /// Its number in the store.
    pub id: EntityId,
    /// Its name in the facts.
    pub name: Arc<str>,
    /// How many aliases the knowledge base knows for it.
    pub aliases: u32,
    /// How many facts mention it.
    pub degree: u32,
    /// Which relations it has: an index into the segment's profiles.
    pub profile: u32,
}

/// The names of an entity that can be looked for, its own first.
pub(crate) fn names_of(entity: &Entity, index: u32) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::with_capacity(1 + entity.aliases.len());
    let mut add = |kind: NameKind, raw: &Arc<str>, text: &str| {
        let folded = fold(text);
        let folded = if folded.is_empty() { text.to_lowercase() } else { folded };
        if !folded.is_empty() && !names.iter().any(|name| *name.folded == *folded && name.raw == *raw) {
            names.push(Name { entity: index, kind, raw: raw.clone(), folded: folded.into() });
        }
    };
    add(NameKind::Name, &entity.name, &entity.name);
    for alias in &entity.aliases {
        add(NameKind::Alias, alias, alias);
    }
    for name in std::iter::once(&entity.name).chain(&entity.aliases) {
        if let Some(base) = without_qualifier(name) {
            add(NameKind::Base, name, base);
        }
    }
    names
}

impl Name {
    /// The key of the dictionary.
    pub(crate) fn key(&self) -> String {
        squash(&self.folded)
    }

    /// Whether it may be matched by likeness, not only whole.
    pub(crate) fn is_word(&self) -> bool {
        has_letter(&self.folded)
    }
}
