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
    /// How many entities have each relation, by its number.
    having: Vec<u32>,
    entities: u32,
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
        self.having.resize(self.next as usize + 1, 0);
        set.iter().for_each(|relation| self.having[*relation as usize] += 1);
        self.entities += 1;
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

    /// Which share of the entities stands in this part of facts with one of these predicates, 0 to 1 and never 0; all where none
    /// is given. What has several of them is counted for each.
    pub(crate) fn share<'a>(&self, relations: impl IntoIterator<Item = (Part, Option<&'a str>)>) -> f32 {
        let mut having = None;
        for (part, predicate) in relations {
            let Some(name) = predicate else { return 1.0 };
            let direction = usize::from(part != Part::Subject);
            let number = self.relations.get(name).and_then(|relation| relation[direction]);
            *having.get_or_insert(0) += number.map_or(0, |number| self.having[number as usize]);
        }
        let all = self.entities.max(1) as f32;
        having.map_or(1.0, |having| (having.max(1) as f32 / all).min(1.0))
    }

    fn relation(&mut self, neighbour: Neighbour) -> u32 {
        let directions = self.relations.entry(neighbour.predicate).or_default();
        *directions[usize::from(neighbour.direction != Direction::Forward)].get_or_insert_with(|| {
            self.next += 1;
            self.next
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use find_facts_testkit::MemoryStore;

    #[test]
    fn the_share_of_entities_that_a_relation_leaves_is_counted_by_part() {
        let store = MemoryStore::new([
            ["Oslo", "country", "Norway"],
            ["Bergen", "country", "Norway"],
            ["Norway", "phone code", "47"],
        ]);
        let mut profiles = Profiles::default();
        for entity in ["Oslo", "Bergen", "Norway", "47"] {
            profiles.of(&store, entity, &Deadline::none()).unwrap();
        }
        let share = |part, predicate| profiles.share([(part, predicate)]);
        assert_eq!(share(Part::Subject, Some("country")), 0.5);
        assert_eq!(share(Part::Object, Some("country")), 0.25);
        assert_eq!(share(Part::Subject, Some("phone code")), 0.25);
        assert_eq!(share(Part::Subject, None), 1.0);
        assert_eq!(profiles.share([]), 1.0);
        let either = [(Part::Subject, Some("country")), (Part::Object, Some("country"))];
        assert_eq!(profiles.share(either), 0.75);
        assert!(share(Part::Subject, Some("unheard of")) > 0.0);
    }
}
