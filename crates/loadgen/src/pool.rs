//! The queries of a run: made once from the world by a seed, each with what a right answer to it looks like.

use std::collections::HashSet;

use fastrand::Rng;
use find_facts_core::{Fact, Parts};

use crate::mix::{KINDS, Kind};
use crate::noise::{nonsense, slip};
use crate::world::World;

/// A query and its right answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// By what legacy makes of it.
    pub kind: Kind,
    /// The request's body.
    pub body: String,
    /// Whether legacy has an answer to it, whose bytes never change; to a plain question it has none.
    pub frozen: bool,
    /// What a right answer holds.
    pub expected: Expected,
}

/// What a right answer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// At least one fact.
    Something,
    /// Facts of this subject and no other.
    FactsOf(String),
    /// One of these before any other.
    FirstOf(Vec<Fact>),
    /// No fact.
    Nothing,
}

/// Queries by kind, most popular first.
#[derive(Debug)]
pub struct Pool {
    by_kind: [Vec<Query>; KINDS],
}

/// Queries of one kind: enough that no cache holds all by accident, few enough that each repeats in a run of minutes.
const QUERIES_PER_KIND: usize = 1000;

impl Pool {
    /// Makes queries of every kind that the world allows for. The questions are as they are, in an order of the seed's.
    pub fn new(world: &World, questions: &[Query], seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let by_kind = Kind::ALL.map(|kind| match kind {
            Kind::Question => shuffled(questions, &mut rng),
            _ => queries(world, kind, &mut rng),
        });
        Self { by_kind }
    }

    /// The queries of a kind, most popular first; none where the world has nothing to make them from.
    pub fn of(&self, kind: Kind) -> &[Query] {
        &self.by_kind[kind as usize]
    }
}

fn shuffled(questions: &[Query], rng: &mut Rng) -> Vec<Query> {
    let mut shuffled = questions.to_vec();
    rng.shuffle(&mut shuffled);
    shuffled
}

fn queries(world: &World, kind: Kind, rng: &mut Rng) -> Vec<Query> {
    let mut bodies = HashSet::new();
    // Some draws come to nothing (a name too short to slip in); twenty times as many draws is a bound, not a target.
    (0..20 * QUERIES_PER_KIND)
        .filter_map(|_| draw(world, kind, rng))
        .filter(|query| bodies.insert(query.body.clone()))
        .take(QUERIES_PER_KIND)
        .collect()
}

fn draw(world: &World, kind: Kind, rng: &mut Rng) -> Option<Query> {
    match kind {
        Kind::Exact => {
            let [subject, predicate, object] = rng.choice(&world.facts)?;
            let parts = match rng.u8(0..4) {
                0 => parts(Some(subject), None, None),
                1 => parts(None, Some(predicate), Some(object)),
                2 => parts(Some(subject), Some(predicate), Some(object)),
                _ => parts(Some(subject), Some(predicate), None),
            };
            Some(query(kind, &parts, Expected::Something))
        }
        Kind::Alias => {
            let (alias, entity) = rng.choice(&world.aliases)?;
            let facts: Vec<_> = world.about(entity).collect();
            let [_, predicate, _] = rng.choice(facts)?;
            let parts = parts(Some(alias), Some(predicate), None);
            Some(query(kind, &parts, Expected::FactsOf(entity.clone())))
        }
        Kind::Typo => {
            let [subject, predicate, _] = rng.choice(&world.facts)?;
            let slipped = slip(subject, rng).filter(|slipped| !world.knows(slipped))?;
            let parts = parts(Some(&slipped), Some(predicate), None);
            Some(query(kind, &parts, Expected::FactsOf(subject.clone())))
        }
        Kind::Unknown => {
            let [_, predicate, _] = rng.choice(&world.facts)?;
            let name = Some(nonsense(rng)).filter(|name| !world.knows(name))?;
            Some(query(kind, &parts(Some(&name), Some(predicate), None), Expected::Nothing))
        }
        Kind::Question => None,
    }
}

fn parts(subject: Option<&str>, predicate: Option<&str>, object: Option<&str>) -> Parts {
    Parts {
        subject: subject.map(Into::into),
        predicate: predicate.map(Into::into),
        object: object.map(Into::into),
    }
}

fn query(kind: Kind, parts: &Parts, expected: Expected) -> Query {
    Query { kind, body: serde_json::json!({ "query": parts }).to_string(), frozen: true, expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world() -> World {
        let fact = |parts: [&str; 3]| parts.map(str::to_owned);
        let facts = vec![
            fact(["London Heathrow Airport", "city", "London"]),
            fact(["London Heathrow Airport", "country", "United Kingdom"]),
        ];
        World::new(facts, vec![["London Heathrow Airport".to_owned(), "LHR".to_owned()]])
    }

    #[test]
    fn the_same_seed_makes_the_same_queries() {
        let [first, second] = [Pool::new(&world(), &[], 3), Pool::new(&world(), &[], 3)];
        for kind in Kind::ALL {
            assert_eq!(first.of(kind), second.of(kind), "{kind}");
            assert_eq!(first.of(kind).is_empty(), kind == Kind::Question, "{kind}");
        }
    }

    #[test]
    fn an_alias_expects_its_entity_and_exact_parts_expect_something() {
        let pool = Pool::new(&world(), &[], 3);
        let heathrow = Expected::FactsOf("London Heathrow Airport".to_owned());
        assert!(
            pool.of(Kind::Alias).iter().all(|query| query.expected == heathrow && query.body.contains("LHR"))
        );
        assert!(pool.of(Kind::Exact).iter().all(|query| query.expected == Expected::Something));
    }
}
