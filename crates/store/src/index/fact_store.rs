//! The index as the tiers see it. Every answer is a look-up or two, so the deadline is asked once, before.

use std::collections::BTreeMap;
use std::sync::Arc;

use find_facts_core::{
    Deadline, Direction, Entity, EntityId, Fact, FactStore, KbVersion, Neighbour, Pattern, Predicate,
    StoreError, Validity,
};

use super::Index;
use crate::text::nfc;

const SUBJECT: usize = 0;
const PREDICATE: usize = 1;
const OBJECT: usize = 2;

impl FactStore for Index {
    fn version(&self) -> KbVersion {
        self.version
    }

    fn find(&self, pattern: Pattern<'_>, limit: usize, deadline: &Deadline) -> Result<Vec<Fact>, StoreError> {
        deadline.check()?;
        let mut found = Vec::new();
        self.lookup(pattern, limit, &mut found);
        Ok(found.into_iter().map(|id| self.fact(id).into()).collect())
    }

    fn count(&self, pattern: Pattern<'_>, deadline: &Deadline) -> Result<usize, StoreError> {
        deadline.check()?;
        Ok(Index::count(self, pattern))
    }

    fn entity(&self, name: &str, deadline: &Deadline) -> Result<Option<Entity>, StoreError> {
        deadline.check()?;
        Ok(self.entity_number(&nfc(name)).map(|number| self.describe(number)))
    }

    fn entities(&self, from: EntityId, limit: usize, deadline: &Deadline) -> Result<Vec<Entity>, StoreError> {
        deadline.check()?;
        Ok((from.0..self.entity_count()).take(limit).map(|number| self.describe(number)).collect())
    }

    fn predicates(&self, deadline: &Deadline) -> Result<Vec<Predicate>, StoreError> {
        deadline.check()?;
        let mut found: Vec<Predicate> = (0..self.delta.predicates.end())
            .map(|number| Predicate {
                name: self.predicate_name(number).into(),
                aliases: self.image.predicate_aliases(number).map(Arc::from).collect(),
                facts: self.degree(PREDICATE, number),
            })
            .filter(|predicate| predicate.facts > 0)
            .collect();
        found.sort_by(|a, b| b.facts.cmp(&a.facts).then_with(|| a.name.cmp(&b.name)));
        Ok(found)
    }

    fn neighbours(&self, entity: &str, deadline: &Deadline) -> Result<Vec<Neighbour>, StoreError> {
        deadline.check()?;
        let Some(entity) = self.entity_number(&nfc(entity)) else { return Ok(Vec::new()) };
        let mut found = self.relations(entity, SUBJECT, Direction::Forward);
        found.extend(self.relations(entity, OBJECT, Direction::Backward));
        Ok(found)
    }

    fn validities(&self, fact: &Fact, deadline: &Deadline) -> Result<Vec<Validity>, StoreError> {
        deadline.check()?;
        let pattern = Pattern {
            subject: Some(&fact.subject),
            predicate: Some(&fact.predicate),
            object: Some(&fact.object),
        };
        let number = self.numbers(pattern).and_then(|parts| self.matching(parts).next());
        Ok(number.map(|number| self.image.validities(number).collect()).unwrap_or_default())
    }

    fn changed_since(&self, since: KbVersion) -> Option<Vec<EntityId>> {
        self.history.changed_since(since)
    }
}

impl Index {
    fn describe(&self, number: u32) -> Entity {
        Entity {
            id: EntityId(number),
            name: self.entity_name(number).into(),
            aliases: self.image.entity_aliases(number).map(Arc::from).collect(),
            as_subject: self.degree(SUBJECT, number),
            as_object: self.degree(OBJECT, number),
        }
    }

    /// The relations of the facts that have the entity as that part, in order of name.
    fn relations(&self, entity: u32, part: usize, direction: Direction) -> Vec<Neighbour> {
        let mut facts: BTreeMap<u32, u32> = match direction {
            Direction::Forward => self.image.predicates_as_subject(entity).collect(),
            Direction::Backward => self.image.predicates_as_object(entity).collect(),
        };
        let mut parts = [None; 3];
        parts[part] = Some(entity);
        for triple in self.delta.matching(parts).filter_map(|fact| self.delta.fact(fact)) {
            *facts.entry(triple[PREDICATE]).or_default() += 1;
        }
        if self.delta.lost(part, entity) > 0 {
            let removed = self.delta.removed().iter().filter_map(|fact| self.triple(*fact));
            for triple in removed.filter(|triple| triple[part] == entity) {
                facts.entry(triple[PREDICATE]).and_modify(|count| *count = count.saturating_sub(1));
            }
        }
        let mut found: Vec<Neighbour> = (facts.into_iter().filter(|(_, facts)| *facts > 0))
            .map(|(predicate, facts)| Neighbour {
                predicate: self.predicate_name(predicate).into(),
                direction,
                facts,
            })
            .collect();
        found.sort_by(|a, b| a.predicate.cmp(&b.predicate));
        found
    }
}
