//! A knowledge base in a `Vec`, scanned for every answer: slow, and too simple to be wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use find_facts_core::{
    Deadline, Direction, Entity, EntityId, Fact, FactStore, KbVersion, Neighbour, Pattern, Predicate,
    StoreError, Validity,
};
use unicode_normalization::UnicodeNormalization;

/// One immutable version of a small knowledge base. Entities are numbered in the order in which they were first mentioned.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    version: u64,
    facts: Vec<Fact>,
    validities: Vec<(Fact, Validity)>,
    names: Vec<Arc<str>>,
    aliases: Vec<(Arc<str>, Arc<str>)>,
    predicate_aliases: Vec<(Arc<str>, Arc<str>)>,
    changes: Vec<(u64, EntityId)>,
}

fn nfc(text: &str) -> Arc<str> {
    text.nfc().collect::<String>().into()
}

impl MemoryStore {
    /// Version 1, with these facts in this order; a fact that is there twice counts once.
    pub fn new<S: AsRef<str>>(facts: impl IntoIterator<Item = [S; 3]>) -> Self {
        let mut store = Self { version: 1, ..Self::default() };
        for [subject, predicate, object] in facts {
            store.push(Fact::new(nfc(subject.as_ref()), nfc(predicate.as_ref()), nfc(object.as_ref())));
        }
        store
    }

    /// The same version with one more known name of an entity.
    pub fn alias(mut self, entity: &str, alias: &str) -> Self {
        let entity = nfc(entity);
        self.number(&entity);
        self.aliases.push((entity, nfc(alias)));
        self
    }

    /// The same version with one more known wording of a predicate.
    pub fn predicate_alias(mut self, predicate: &str, alias: &str) -> Self {
        self.predicate_aliases.push((nfc(predicate), nfc(alias)));
        self
    }

    /// The same version with an interval in which a fact holds.
    pub fn validity(mut self, fact: Fact, validity: Validity) -> Self {
        self.validities.push((fact, validity));
        self
    }

    /// The next version, without the facts to remove and with those to add.
    pub fn changed(&self, add: &[Fact], remove: &[Fact]) -> Self {
        let mut next = Self { version: self.version + 1, ..self.clone() };
        let changed: Vec<&Fact> = (add.iter().filter(|fact| !next.facts.contains(fact)))
            .chain(remove.iter().filter(|fact| next.facts.contains(fact)))
            .collect();
        next.facts.retain(|fact| !remove.contains(fact));
        next.validities.retain(|(fact, _)| !remove.contains(fact));
        for fact in add {
            next.push(fact.clone());
        }
        for fact in changed {
            for name in [&fact.subject, &fact.object] {
                let id = next.number(name);
                next.changes.push((next.version, id));
            }
        }
        next
    }

    fn push(&mut self, fact: Fact) {
        if self.facts.contains(&fact) {
            return;
        }
        self.number(&fact.subject);
        self.number(&fact.object);
        self.facts.push(fact);
    }

    fn number(&mut self, name: &Arc<str>) -> EntityId {
        let known = self.names.iter().position(|n| n == name);
        EntityId(known.unwrap_or_else(|| {
            self.names.push(Arc::clone(name));
            self.names.len() - 1
        }) as u32)
    }

    fn matching(&self, pattern: Pattern<'_>) -> impl Iterator<Item = &Fact> {
        let [subject, predicate, object] =
            [pattern.subject, pattern.predicate, pattern.object].map(|part| part.map(nfc));
        let fits = |want: &Option<Arc<str>>, have: &Arc<str>| want.as_ref().is_none_or(|text| text == have);
        self.facts.iter().filter(move |fact| {
            fits(&subject, &fact.subject) && fits(&predicate, &fact.predicate) && fits(&object, &fact.object)
        })
    }

    fn describe(&self, number: usize) -> Entity {
        let name = &self.names[number];
        Entity {
            id: EntityId(number as u32),
            name: Arc::clone(name),
            aliases: aliases_of(&self.aliases, name),
            as_subject: self.facts.iter().filter(|fact| fact.subject == *name).count() as u32,
            as_object: self.facts.iter().filter(|fact| fact.object == *name).count() as u32,
        }
    }
}

fn aliases_of(pairs: &[(Arc<str>, Arc<str>)], name: &Arc<str>) -> Vec<Arc<str>> {
    pairs.iter().filter(|(of, _)| of == name).map(|(_, alias)| Arc::clone(alias)).collect()
}

impl FactStore for MemoryStore {
    fn version(&self) -> KbVersion {
        KbVersion(self.version)
    }

    fn find(&self, pattern: Pattern<'_>, limit: usize, deadline: &Deadline) -> Result<Vec<Fact>, StoreError> {
        deadline.check()?;
        Ok(self.matching(pattern).take(limit).cloned().collect())
    }

    fn count(&self, pattern: Pattern<'_>, deadline: &Deadline) -> Result<usize, StoreError> {
        deadline.check()?;
        Ok(self.matching(pattern).count())
    }

    fn entity(&self, name: &str, deadline: &Deadline) -> Result<Option<Entity>, StoreError> {
        deadline.check()?;
        let name = nfc(name);
        Ok(self.names.iter().position(|n| *n == name).map(|number| self.describe(number)))
    }

    fn entities(&self, from: EntityId, limit: usize, deadline: &Deadline) -> Result<Vec<Entity>, StoreError> {
        deadline.check()?;
        Ok((from.0 as usize..self.names.len()).take(limit).map(|number| self.describe(number)).collect())
    }

    fn predicates(&self, deadline: &Deadline) -> Result<Vec<Predicate>, StoreError> {
        deadline.check()?;
        let mut counts: BTreeMap<&Arc<str>, u32> = BTreeMap::new();
        for fact in &self.facts {
            *counts.entry(&fact.predicate).or_default() += 1;
        }
        let mut found: Vec<Predicate> = (counts.into_iter())
            .map(|(name, facts)| Predicate {
                name: Arc::clone(name),
                aliases: aliases_of(&self.predicate_aliases, name),
                facts,
            })
            .collect();
        found.sort_by_key(|predicate| std::cmp::Reverse(predicate.facts));
        Ok(found)
    }

    fn neighbours(&self, entity: &str, deadline: &Deadline) -> Result<Vec<Neighbour>, StoreError> {
        deadline.check()?;
        let name = nfc(entity);
        let mut found = Vec::new();
        for direction in [Direction::Forward, Direction::Backward] {
            let mut counts: BTreeMap<&Arc<str>, u32> = BTreeMap::new();
            for fact in &self.facts {
                let end = if direction == Direction::Forward { &fact.subject } else { &fact.object };
                if *end == name {
                    *counts.entry(&fact.predicate).or_default() += 1;
                }
            }
            found.extend(counts.into_iter().map(|(predicate, facts)| Neighbour {
                predicate: Arc::clone(predicate),
                direction,
                facts,
            }));
        }
        Ok(found)
    }

    fn validities(&self, fact: &Fact, deadline: &Deadline) -> Result<Vec<Validity>, StoreError> {
        deadline.check()?;
        Ok(self.validities.iter().filter(|(of, _)| of == fact).map(|(_, validity)| *validity).collect())
    }

    fn changed_since(&self, since: KbVersion) -> Option<Vec<EntityId>> {
        let mut ids: Vec<EntityId> =
            self.changes.iter().filter(|(version, _)| *version > since.0).map(|(_, id)| *id).collect();
        ids.sort();
        ids.dedup();
        (since.0 >= 1 && since.0 <= self.version).then_some(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_makes_a_version_and_names_its_entities() {
        let old = MemoryStore::new([["Angola", "capital", "Luanda"], ["Angola", "continent", "Africa"]]);
        let new =
            old.changed(&[Fact::new("Peru", "capital", "Lima")], &[Fact::new("Angola", "capital", "Luanda")]);
        let names: Vec<Arc<str>> = (new.changed_since(old.version()).unwrap().into_iter())
            .map(|id| new.describe(id.0 as usize).name)
            .collect();
        assert_eq!(names, ["Angola", "Luanda", "Peru", "Lima"].map(Arc::from));
        assert_eq!(old.facts.len(), 2, "the old version stays as it was");
    }

    #[test]
    fn parts_compare_after_nfc() {
        let store = MemoryStore::new([["Curac\u{327}ao", "part of", "Antilles"]]);
        let pattern = Pattern { subject: Some("Curaçao"), ..Pattern::default() };
        assert_eq!(store.count(pattern, &Deadline::none()).unwrap(), 1);
    }
}
