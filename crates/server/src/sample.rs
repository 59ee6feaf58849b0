//! Entities drawn from the knowledge base by a seed, each with a query that it answers. The same seed and version give the
//! same sample, on every machine. No name in it reads as another entity's, in whatever case, with whatever diacritics and spaces:
//! nobody could say whom a test means by it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use find_facts_api::admin::{KbSample, SampledEntity};
use find_facts_core::{
    Deadline, Direction, Entity, EntityId, FactStore, Neighbour, Part, Pattern, Predicate, StoreError,
};
use find_facts_tier1::normalise::{fold, squash};

/// A query with more answers than this is no test of having found the entity: its answer would be cut.
const MOST_FACTS: usize = 100;

/// How many entities are read at a time.
const BATCH: usize = 10_000;

/// Draws `n` entities, or as many as there are.
pub(crate) fn draw(
    store: &dyn FactStore,
    seed: u64,
    n: usize,
    deadline: &Deadline,
) -> Result<KbSample, StoreError> {
    let (mut order, owners) = survey(store, seed, deadline)?;
    order.sort_unstable();
    let wordings = wordings(store.predicates(deadline)?);
    let mut entities = Vec::new();
    for (chance, id) in order {
        if entities.len() == n {
            break;
        }
        let entity = store.entities(id, 1, deadline)?.into_iter().next();
        if let Some(entity) = entity.filter(|entity| entity.id == id) {
            let mut drawn = question(store, entity, chance, &owners, deadline)?;
            if let Some(sampled) = &mut drawn {
                let predicate = sampled.facts.first().map(|fact| &fact.predicate);
                sampled.wordings = predicate.and_then(|name| wordings.get(name)).cloned().unwrap_or_default();
            }
            entities.extend(drawn);
        }
    }
    Ok(KbSample { version: store.version(), entities })
}

/// What two texts have in common that read alike.
fn key(text: &str) -> String {
    squash(&fold(text))
}

/// The entity that each folded text is a name or an alias of; none where it is of several.
type Owners = HashMap<String, Option<EntityId>>;

/// Every entity under the number that the seed gives it.
fn survey(
    store: &dyn FactStore,
    seed: u64,
    deadline: &Deadline,
) -> Result<(Vec<(u64, EntityId)>, Owners), StoreError> {
    let (mut order, mut owners, mut from) = (Vec::new(), Owners::new(), EntityId(0));
    loop {
        let batch = store.entities(from, BATCH, deadline)?;
        for entity in &batch {
            order.push((mix(seed, entity.id), entity.id));
            for text in std::iter::once(&entity.name).chain(&entity.aliases) {
                let owner = owners.entry(key(text)).or_insert(Some(entity.id));
                *owner = owner.filter(|owner| *owner == entity.id);
            }
        }
        match batch.last() {
            Some(last) if batch.len() == BATCH => from = EntityId(last.id.0 + 1),
            _ => return Ok((order, owners)),
        }
    }
}

/// An entity with all its facts of one predicate, if it has a predicate with few enough.
fn question(
    store: &dyn FactStore,
    entity: Entity,
    chance: u64,
    owners: &Owners,
    deadline: &Deadline,
) -> Result<Option<SampledEntity>, StoreError> {
    let is_its_own = |text: &Arc<str>| owners.get(&key(text)) == Some(&Some(entity.id));
    if !is_its_own(&entity.name) {
        return Ok(None);
    }
    let few = |neighbour: &Neighbour| (1..=MOST_FACTS).contains(&(neighbour.facts as usize));
    let neighbours: Vec<Neighbour> =
        store.neighbours(&entity.name, deadline)?.into_iter().filter(few).collect();
    if neighbours.is_empty() {
        return Ok(None);
    }
    let Neighbour { predicate, direction, .. } = &neighbours[(chance % neighbours.len() as u64) as usize];
    let (name, predicate) = (Some(&*entity.name), Some(&**predicate));
    let (part, pattern) = match direction {
        Direction::Forward => (Part::Subject, Pattern { subject: name, predicate, object: None }),
        Direction::Backward => (Part::Object, Pattern { subject: None, predicate, object: name }),
    };
    let facts = store.find(pattern, MOST_FACTS, deadline)?;
    let aliases = entity.aliases.iter().filter(|alias| is_its_own(alias)).cloned().collect();
    Ok(Some(SampledEntity { name: entity.name, aliases, part, facts, wordings: Vec::new() }))
}

/// The wordings of each predicate that are no name or wording of another one.
fn wordings(predicates: Vec<Predicate>) -> HashMap<Arc<str>, Vec<Arc<str>>> {
    let mut owners: HashMap<String, usize> = HashMap::new();
    for predicate in &predicates {
        let texts = std::iter::once(&predicate.name).chain(&predicate.aliases);
        for text in texts.map(|text| key(text)).collect::<HashSet<String>>() {
            *owners.entry(text).or_default() += 1;
        }
    }
    let own = |predicate: Predicate| {
        let is_its_own = |wording: &Arc<str>| owners.get(&key(wording)) == Some(&1);
        (predicate.name, predicate.aliases.into_iter().filter(is_its_own).collect())
    };
    predicates.into_iter().map(own).collect()
}

/// SplitMix64 of seed and number: every entity is as likely as any other to come first.
fn mix(seed: u64, id: EntityId) -> u64 {
    let mut z = seed.wrapping_add((u64::from(id.0) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use find_facts_testkit::MemoryStore;

    use super::*;

    #[test]
    fn wordings_of_two_predicates_are_in_no_sample() {
        let store = MemoryStore::new([["Einstein", "born_in", "Ulm"], ["Einstein", "died_in", "Princeton"]])
            .predicate_alias("born_in", "birthplace")
            .predicate_alias("born_in", "place")
            .predicate_alias("died_in", "Place");
        let sample = draw(&store, 1, 10, &Deadline::none()).unwrap();
        let born = sample.entities.iter().find(|entity| &*entity.name == "Ulm").unwrap();
        assert_eq!(born.wordings, [Arc::from("birthplace")]);
        let died = sample.entities.iter().find(|entity| &*entity.name == "Princeton").unwrap();
        assert!(died.wordings.is_empty(), "{died:?}");
    }
}
