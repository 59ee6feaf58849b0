//! A whole knowledge base, interned, in import order: what imports produce and what indexes are built from.
//! A triple is there once, however often it was given; its intervals are kept beside it.

use find_facts_core::Validity;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::strings::{Strings, TooLarge};

/// The numbers of a fact's subject (an entity), predicate and object (an entity).
pub(crate) type Triple = [u32; 3];

/// A knowledge base that grows. Texts are names as `text::name` returns them.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) entities: Strings,
    pub(crate) predicates: Strings,
    pub(crate) facts: Vec<Triple>,
    /// Fact and interval, in import order.
    pub(crate) validities: Vec<(u32, Validity)>,
    pub(crate) entity_aliases: Aliases,
    pub(crate) predicate_aliases: Aliases,
    numbers: FxHashMap<Triple, u32>,
    seen_validities: FxHashSet<(u32, Validity)>,
}

/// Other names, by the number of what they name, in import order.
#[derive(Debug, Default)]
pub(crate) struct Aliases {
    pub(crate) texts: Strings,
    /// Whose, and which text.
    pub(crate) pairs: Vec<(u32, u32)>,
    seen: FxHashSet<(u32, u32)>,
}

/// Whether a line said something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    New,
    Again,
}

impl Content {
    /// No facts yet, but names that have their numbers already.
    pub(crate) fn with_names(entities: Strings, predicates: Strings) -> Self {
        Self { entities, predicates, ..Self::default() }
    }

    /// Adds a fact that holds within `validity`; an open one says nothing about when.
    pub(crate) fn add_fact(&mut self, parts: [&str; 3], validity: Validity) -> Result<Added, TooLarge> {
        let [subject, predicate, object] = parts;
        let triple = [
            self.entities.intern(subject)?,
            self.predicates.intern(predicate)?,
            self.entities.intern(object)?,
        ];
        let (number, fact) = self.push(triple).ok_or(TooLarge)?;
        let interval = if validity.is_open() { Added::Again } else { self.push_validity(number, validity) };
        Ok(if fact == Added::New { fact } else { interval })
    }

    /// Adds a fact by its numbers; `None` when one of them is nobody's.
    pub(crate) fn add_triple(&mut self, triple: Triple) -> Option<Added> {
        let [subject, predicate, object] = triple;
        let known = subject.max(object) < self.entities.len() && predicate < self.predicates.len();
        known.then(|| self.push(triple)).flatten().map(|(_, added)| added)
    }

    /// Adds an interval by the fact's number; `None` when that is nobody's.
    pub(crate) fn add_validity(&mut self, fact: u32, validity: Validity) -> Option<Added> {
        ((fact as usize) < self.facts.len()).then(|| self.push_validity(fact, validity))
    }

    /// `None` when there are too many.
    fn push(&mut self, triple: Triple) -> Option<(u32, Added)> {
        let next = u32::try_from(self.facts.len()).ok()?;
        let number = *self.numbers.entry(triple).or_insert(next);
        if number < next {
            return Some((number, Added::Again));
        }
        self.facts.push(triple);
        Some((number, Added::New))
    }

    fn push_validity(&mut self, fact: u32, validity: Validity) -> Added {
        if !self.seen_validities.insert((fact, validity)) {
            return Added::Again;
        }
        self.validities.push((fact, validity));
        Added::New
    }

    pub(crate) fn add_entity_alias(&mut self, entity: &str, alias: &str) -> Result<Added, TooLarge> {
        let entity_number = self.entities.intern(entity)?;
        self.entity_aliases.add(entity_number, entity, alias)
    }

    pub(crate) fn add_predicate_alias(&mut self, predicate: &str, alias: &str) -> Result<Added, TooLarge> {
        let predicate_number = self.predicates.intern(predicate)?;
        self.predicate_aliases.add(predicate_number, predicate, alias)
    }
}

impl Aliases {
    pub(crate) fn add(&mut self, number: u32, name: &str, alias: &str) -> Result<Added, TooLarge> {
        if alias == name {
            return Ok(Added::Again);
        }
        let pair = (number, self.texts.intern(alias)?);
        if !self.seen.insert(pair) {
            return Ok(Added::Again);
        }
        self.pairs.push(pair);
        Ok(Added::New)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn years(start: i16, end: i16) -> Validity {
        let year = |number| find_facts_core::PartialDate::new(number, None, None);
        Validity { start: year(start), end: year(end) }
    }

    #[test]
    fn a_triple_counts_once_and_keeps_its_intervals() {
        let mut content = Content::default();
        let fact = ["Ada", "office", "mayor"];
        let added = [years(1990, 1994), Validity::default(), years(1990, 1994), years(1998, 2002)]
            .map(|validity| content.add_fact(fact, validity).unwrap());
        assert_eq!(added, [Added::New, Added::Again, Added::Again, Added::New]);
        assert_eq!(content.facts.len(), 1);
        assert_eq!(content.validities, [(0, years(1990, 1994)), (0, years(1998, 2002))]);
    }

    #[test]
    fn a_name_is_no_alias_of_itself() {
        let mut content = Content::default();
        assert_eq!(content.add_entity_alias("Ada", "Ada").unwrap(), Added::Again);
        assert_eq!(content.add_entity_alias("Ada", "Countess").unwrap(), Added::New);
        assert_eq!(content.add_entity_alias("Ada", "Countess").unwrap(), Added::Again);
        assert_eq!(content.entity_aliases.pairs.len(), 1);
    }
}
