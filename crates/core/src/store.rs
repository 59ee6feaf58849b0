//! What a tier needs of a knowledge base: one immutable version of it, answered in batches.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::{Deadline, DeadlineExceeded};
use crate::fact::{Fact, Parts, Validity};

/// Which content a view shows. Grows by one with every change; only equality and order mean anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KbVersion(pub u64);

impl fmt::Display for KbVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A name that stands as subject or object of a fact. Numbers are dense, and a later version of the same
/// running store keeps them: new names get new numbers, a name without facts keeps its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntityId(pub u32);

/// A name, the other names the knowledge base knows for it, and how many facts mention it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Its number.
    pub id: EntityId,
    /// The name in the facts, NFC.
    pub name: Arc<str>,
    /// Known other names, in import order.
    pub aliases: Vec<Arc<str>>,
    /// Facts with this entity as their subject.
    pub as_subject: u32,
    /// Facts with this entity as their object.
    pub as_object: u32,
}

/// A relation and its known wordings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predicate {
    /// The name in the facts, NFC.
    pub name: Arc<str>,
    /// Known other wordings, in import order.
    pub aliases: Vec<Arc<str>>,
    /// How many facts have it.
    pub facts: u32,
}

/// In which direction a relation is followed from an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The entity is the subject.
    Forward,
    /// The entity is the object.
    Backward,
}

/// A relation that an entity really has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// The relation's name.
    pub predicate: Arc<str>,
    /// Whether the entity is its subject or its object.
    pub direction: Direction,
    /// Over how many facts.
    pub facts: u32,
}

/// An exact query: parts compare after NFC, open parts match everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pattern<'a> {
    /// The subject, if fixed.
    pub subject: Option<&'a str>,
    /// The predicate, if fixed.
    pub predicate: Option<&'a str>,
    /// The object, if fixed.
    pub object: Option<&'a str>,
}

impl<'a> From<&'a Parts> for Pattern<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self {
            subject: parts.subject.as_deref(),
            predicate: parts.predicate.as_deref(),
            object: parts.object.as_deref(),
        }
    }
}

/// One immutable version of a knowledge base. A remote store blocks the calling thread, with the deadline as its socket's.
pub trait FactStore: Send + Sync {
    /// Which content this is.
    fn version(&self) -> KbVersion;

    /// Facts that match, in import order, at most `limit`.
    fn find(&self, pattern: Pattern<'_>, limit: usize, deadline: &Deadline) -> Result<Vec<Fact>, StoreError>;

    /// How many facts match.
    fn count(&self, pattern: Pattern<'_>, deadline: &Deadline) -> Result<usize, StoreError>;

    /// The entity of exactly this name (NFC).
    fn entity(&self, name: &str, deadline: &Deadline) -> Result<Option<Entity>, StoreError>;

    /// Entities from number `from` on, in the order of their numbers, at most `limit`; fewer means the end.
    fn entities(&self, from: EntityId, limit: usize, deadline: &Deadline) -> Result<Vec<Entity>, StoreError>;

    /// All predicates, most facts first, ties by name.
    fn predicates(&self, deadline: &Deadline) -> Result<Vec<Predicate>, StoreError>;

    /// The relations that an entity really has, forward ones first, each in order of name.
    fn neighbours(&self, entity: &str, deadline: &Deadline) -> Result<Vec<Neighbour>, StoreError>;

    /// When a fact holds; empty where nothing is known.
    fn validities(&self, fact: &Fact, deadline: &Deadline) -> Result<Vec<Validity>, StoreError>;

    /// Entities whose names, aliases or facts differ from those of `since`; `None` when that is not known any more.
    fn changed_since(&self, since: KbVersion) -> Option<Vec<EntityId>>;
}

/// Why a store gave no answer. "Nothing found" is an answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Not in time.
    #[error(transparent)]
    Deadline(#[from] DeadlineExceeded),
    /// The store failed.
    #[error("the store failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}
