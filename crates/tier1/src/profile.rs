//! Which relations an entity has, shared between all entities that have the same: a type, without anybody having declared one.

use std::sync::Arc;

use find_facts_core::{Deadline, Direction, FactStore, Neighbour, Part, StoreError};
use rustc_hash::FxHashMap;

/// The distinct sets of relations of a segment's entities.
#[derive(Default)]
pub(crate) struct Profiles {
    relations: FxHashMap<Arc<str>, [Option<u32>; 2]>,
    next: u32,
    sets: Vec<Box<[u32]>>,
    numbers: FxHashMap<Box<[u32]>, u32>,
}

impl Profiles {
    /// The number of the set of an entity's relations.
    pub(crate) fn of(
        &mut self,
        store: &dyn FactStore,
        entity: &str,
        deadline: &Deadline,
    ) -> Result<u32, StoreError> {
        let mut set: Vec<u32> = store
            .neighbours(entity, deadline)?
            .into_iter()
            .map(|neighbour| self.relation(neighbour))
            .collect();
        set.sort_unstable();
        let set = set.into_boxed_slice();
        if let Some(number) = self.numbers.get(&set) {
            return Ok(*number);
        }
        let number = self.sets.len() as u32;
        self.sets.push(set.clone());
        self.numbers.insert(set, number);
        Ok(number)
    }

    /// Whether entities of a profile stand in this part of facts with this predicate, or with any where none is given.
    pub(crate) fn fits(&self, profile: u32, part: Part, predicate: Option<&str>) -> bool {
        let direction = usize::from(part != Part::Subject);
        let set = &self.sets[profile as usize];
        let has = |relation: &[Option<u32>; 2]| {
            relation[direction].is_some_and(|relation| set.binary_search(&relation).is_ok())
        };
        match predicate {
            Some(name) => self.relations.get(name).is_some_and(has),
            None => self.relations.values().any(has),
        }
    }

    fn relation(&mut self, neighbour: Neighbour) -> u32 {
        let directions = self.relations.entry(neighbour.predicate).or_default();
        *directions[usize::from(neighbour.direction != Direction::Forward)].get_or_insert_with(|| {
            self.next += 1;
            self.next
        })
    }
}
