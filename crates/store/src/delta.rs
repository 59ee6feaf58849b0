//! What has changed since the image was built. Small beside it, and cheap to copy: a change makes a new delta,
//! so that nobody who reads the old one is disturbed.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::content::Triple;
use crate::strings::{Strings, TooLarge};

/// Facts added and removed, and the names that came with them. Numbers go on where the image's end.
#[derive(Debug, Clone)]
pub(crate) struct Delta {
    pub(crate) entities: NewNames,
    pub(crate) predicates: NewNames,
    first_fact: u32,
    facts: Vec<Triple>,
    /// Value and fact, sorted; one list for each part.
    by_part: [Vec<(u32, u32)>; 3],
    removed: FxHashSet<u32>,
    /// How many removed facts had a value; one table for each part.
    lost: [FxHashMap<u32, u32>; 3],
}

/// Names that the image does not have.
#[derive(Debug, Clone)]
pub(crate) struct NewNames {
    first: u32,
    names: Strings,
}

impl NewNames {
    fn after(first: u32) -> Self {
        Self { first, names: Strings::default() }
    }

    pub(crate) fn end(&self) -> u32 {
        self.first + self.names.len()
    }

    pub(crate) fn get(&self, number: u32) -> &str {
        number.checked_sub(self.first).map_or("", |number| self.names.get(number))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        (0..self.names.len()).map(|number| self.names.get(number))
    }

    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        if self.names.len() == 0 {
            return None;
        }
        self.names.find(name).map(|number| number + self.first)
    }

    pub(crate) fn intern(&mut self, name: &str) -> Result<u32, TooLarge> {
        let number = self.names.intern(name)?;
        number.checked_add(self.first).ok_or(TooLarge)
    }
}

impl Delta {
    /// No change to an image of this size.
    pub(crate) fn after(entities: u32, predicates: u32, facts: u32) -> Self {
        Self {
            entities: NewNames::after(entities),
            predicates: NewNames::after(predicates),
            first_fact: facts,
            facts: Vec::new(),
            by_part: Default::default(),
            removed: FxHashSet::default(),
            lost: Default::default(),
        }
    }

    /// How many facts are not as the image has them.
    pub(crate) fn size(&self) -> usize {
        self.facts.len() + self.removed.len()
    }

    /// The number after the last fact's.
    pub(crate) fn end(&self) -> u32 {
        self.first_fact + self.facts.len() as u32
    }

    pub(crate) fn fact(&self, number: u32) -> Option<Triple> {
        self.facts.get(number.checked_sub(self.first_fact)? as usize).copied()
    }

    pub(crate) fn removed(&self) -> &FxHashSet<u32> {
        &self.removed
    }

    /// How many facts with this value have been removed.
    pub(crate) fn lost(&self, part: usize, value: u32) -> u32 {
        self.lost[part].get(&value).copied().unwrap_or(0)
    }

    /// How many facts with this value have been added, removed ones included.
    pub(crate) fn gained(&self, part: usize, value: u32) -> u32 {
        self.stretch(part, value).len() as u32
    }

    /// Added facts that match, removed ones included, in order.
    pub(crate) fn matching(&self, parts: [Option<u32>; 3]) -> impl Iterator<Item = u32> {
        let shortest = (0..3)
            .filter_map(|part| Some((part, self.stretch(part, parts[part]?))))
            .min_by_key(|(_, stretch)| stretch.len());
        let (all, some) = match shortest {
            Some((part, stretch)) => (0..0, &self.by_part[part][stretch]),
            None => (self.first_fact..self.end(), &[][..]),
        };
        let numbers = all.chain(some.iter().map(|(_, fact)| *fact));
        numbers.filter(move |fact| self.fact(*fact).is_some_and(|triple| matches(triple, parts)))
    }

    /// Adds facts that are not there.
    pub(crate) fn add(&mut self, triples: &[Triple]) -> Result<(), TooLarge> {
        let end = u64::from(self.end()) + triples.len() as u64;
        if end >= u64::from(u32::MAX) {
            return Err(TooLarge);
        }
        for (part, list) in self.by_part.iter_mut().enumerate() {
            let first = self.first_fact + self.facts.len() as u32;
            list.extend(triples.iter().zip(first..).map(|(triple, number)| (triple[part], number)));
            // Two sorted stretches: the stable sort merges them, the unstable one would not see them.
            list.sort();
        }
        self.facts.extend_from_slice(triples);
        Ok(())
    }

    /// Removes a fact that is there.
    pub(crate) fn remove(&mut self, fact: u32, triple: Triple) {
        if self.removed.insert(fact) {
            for (part, table) in self.lost.iter_mut().enumerate() {
                *table.entry(triple[part]).or_default() += 1;
            }
        }
    }

    fn stretch(&self, part: usize, value: u32) -> Range<usize> {
        let list = &self.by_part[part];
        list.partition_point(|(v, _)| *v < value)..list.partition_point(|(v, _)| *v <= value)
    }
}

/// Whether a fact has the parts given.
pub(crate) fn matches(triple: Triple, parts: [Option<u32>; 3]) -> bool {
    triple.iter().zip(parts).all(|(value, part)| part.is_none_or(|part| part == *value))
}
