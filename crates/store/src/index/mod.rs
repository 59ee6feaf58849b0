//! One immutable version of the knowledge base: an image, what has changed since, and how to ask both as one.
//! Answers come in import order, facts added at run time last.

mod change;
mod fact_store;
mod fold;

use std::borrow::Cow;
use std::sync::Arc;

use find_facts_core::{Fact, KbVersion, Pattern};

use self::change::History;
pub(crate) use self::change::{Change, Names};
use crate::content::Triple;
use crate::delta::{Delta, matches};
use crate::image::Image;
use crate::text::nfc;

/// A version of the knowledge base, searched in place. Shared by all who read it, never changed.
#[derive(Debug, Clone)]
pub struct Index {
    image: Arc<Image>,
    delta: Delta,
    version: KbVersion,
    history: History,
}

/// The number of a fact in one version of the index; another version may give it to another fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FactId(u32);

/// A fact as it lies in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactRef<'a> {
    /// What the fact is about.
    pub subject: &'a str,
    /// The relation.
    pub predicate: &'a str,
    /// The value of the relation.
    pub object: &'a str,
}

impl From<FactRef<'_>> for Fact {
    fn from(fact: FactRef<'_>) -> Self {
        Self::new(fact.subject, fact.predicate, fact.object)
    }
}

impl Index {
    /// An image without changes.
    pub(crate) fn of(image: Image, version: KbVersion) -> Self {
        let delta = Delta::after(image.entities().len(), image.predicates().len(), image.facts());
        Self { image: Arc::new(image), delta, version, history: History::since(version) }
    }

    /// How many facts there are.
    pub fn len(&self) -> usize {
        self.delta.end() as usize - self.delta.removed().len()
    }

    /// Whether there is no fact at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many names have a number: they stand as subject or object, or did, or have an alias.
    pub fn entity_count(&self) -> u32 {
        self.delta.entities.end()
    }

    /// Puts the facts that match into `found`, at most `limit`, in place of what it held. Allocates nothing when
    /// the pattern is in NFC and `found` is large enough.
    pub fn lookup(&self, pattern: Pattern<'_>, limit: usize, found: &mut Vec<FactId>) {
        found.clear();
        if let Some(parts) = self.numbers(pattern) {
            found.extend(self.matching(parts).take(limit).map(FactId));
        }
    }

    /// The fact of a number that `lookup` of this version gave.
    pub fn fact(&self, id: FactId) -> FactRef<'_> {
        let [subject, predicate, object] = self.triple(id.0).unwrap_or([u32::MAX; 3]);
        FactRef {
            subject: self.entity_name(subject),
            predicate: self.predicate_name(predicate),
            object: self.entity_name(object),
        }
    }

    /// How many facts match.
    pub fn count(&self, pattern: Pattern<'_>) -> usize {
        let Some(parts) = self.numbers(pattern) else { return 0 };
        let (run, removed) = (self.image.run(parts), self.delta.removed());
        let gone = if run.len() < removed.len() {
            run.iter().filter(|fact| removed.contains(fact)).count()
        } else {
            let has_parts =
                |fact: &&u32| self.image.fact(**fact).is_some_and(|triple| matches(triple, parts));
            removed.iter().filter(has_parts).count()
        };
        let added = self.delta.matching(parts).filter(|fact| !removed.contains(fact)).count();
        run.len() - gone + added
    }

    /// The parts as numbers; `None` when a name is not known, for then nothing matches.
    fn numbers(&self, pattern: Pattern<'_>) -> Option<[Option<u32>; 3]> {
        let entity = |name: Cow<'_, str>| self.entity_number(&name);
        let predicate = |name: Cow<'_, str>| self.predicate_number(&name);
        Some([
            open_or(pattern.subject, entity)?,
            open_or(pattern.predicate, predicate)?,
            open_or(pattern.object, entity)?,
        ])
    }

    fn matching(&self, parts: [Option<u32>; 3]) -> impl Iterator<Item = u32> {
        let numbers = self.image.run(parts).iter().chain(self.delta.matching(parts));
        numbers.filter(|fact| !self.delta.removed().contains(fact))
    }

    fn triple(&self, fact: u32) -> Option<Triple> {
        self.image.fact(fact).or_else(|| self.delta.fact(fact))
    }

    /// The number of a name in NFC.
    fn entity_number(&self, name: &str) -> Option<u32> {
        self.image.entities().find(name).or_else(|| self.delta.entities.find(name))
    }

    fn predicate_number(&self, name: &str) -> Option<u32> {
        self.image.predicates().find(name).or_else(|| self.delta.predicates.find(name))
    }

    fn entity_name(&self, number: u32) -> &str {
        let names = self.image.entities();
        if number < names.len() { names.get(number) } else { self.delta.entities.get(number) }
    }

    fn predicate_name(&self, number: u32) -> &str {
        let names = self.image.predicates();
        if number < names.len() { names.get(number) } else { self.delta.predicates.get(number) }
    }

    /// How many facts have the value as that part.
    fn degree(&self, part: usize, value: u32) -> u32 {
        let mut parts = [None; 3];
        parts[part] = Some(value);
        self.image.run(parts).len() as u32 + self.delta.gained(part, value) - self.delta.lost(part, value)
    }
}

/// An open part matches everything; a name that is not known, nothing.
fn open_or<'a>(part: Option<&'a str>, number: impl Fn(Cow<'a, str>) -> Option<u32>) -> Option<Option<u32>> {
    match part {
        None => Some(None),
        Some(name) => number(nfc(name)).map(Some),
    }
}
