//! What the terms of N-Triples are called. Two terms never share a name, except that a literal and an entity with the
//! same text are one: a knowledge base knows names only.
//!
//! An entity is called by its label; without one, by the last part of its IRI, decoded, with spaces for underscores. A
//! name that is taken gets the last part of the IRI in brackets, and if that is taken too, the whole IRI is the name.
//! A predicate is called likewise, but keeps its underscores. Labels that did not become the name become aliases; so
//! does the last part of a labelled predicate's IRI.

use find_facts_core::iri;
use rustc_hash::{FxHashMap, FxHashSet};

use super::ntriples::{Graph, Label, Rank};
use crate::builder::{Added, Builder};
use crate::strings::TooLarge;
use crate::text;

/// Names the graph's terms, then adds its statements and aliases; returns how many statements were known.
pub(super) fn add(graph: &Graph, builder: &mut Builder) -> Result<u64, TooLarge> {
    let labels = labels_by_term(graph);
    let mut entities = Names::new(&labels, Role::Entity);
    let mut predicates = Names::new(&labels, Role::Predicate);
    let mut repeated = 0;
    for [subject, predicate, object] in &graph.statements {
        let parts = [
            entities.of(*subject, graph).to_owned(),
            predicates.of(*predicate, graph).to_owned(),
            entities.of(*object, graph).to_owned(),
        ];
        let added = builder.add_fact(parts.each_ref().map(|part| &**part), Default::default())?;
        repeated += u64::from(added == Added::Again);
    }
    for label in &graph.labels {
        if let Some(name) = entities.names.get(&label.term) {
            builder.add_entity_alias(name, &label.text)?;
        }
        if let Some(name) = predicates.names.get(&label.term) {
            builder.add_predicate_alias(name, &label.text)?;
        }
    }
    for (term, name) in predicates.in_order() {
        if let Some(local) = local_name(graph.terms.get(term), Role::Predicate) {
            builder.add_predicate_alias(name, &local)?;
        }
    }
    Ok(repeated)
}

/// The label that may become a term's name.
fn labels_by_term(graph: &Graph) -> FxHashMap<u32, &Label> {
    let mut best: FxHashMap<u32, &Label> = FxHashMap::default();
    for label in graph.labels.iter().filter(|label| label.rank < Rank::Alternative) {
        let known = best.entry(label.term).or_insert(label);
        if label.rank < known.rank {
            *known = label;
        }
    }
    best
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Entity,
    Predicate,
}

/// The names given so far to terms in one role.
struct Names<'a> {
    labels: &'a FxHashMap<u32, &'a Label>,
    role: Role,
    names: FxHashMap<u32, Box<str>>,
    order: Vec<u32>,
    taken: FxHashSet<Box<str>>,
}

impl<'a> Names<'a> {
    fn new(labels: &'a FxHashMap<u32, &'a Label>, role: Role) -> Self {
        Self { labels, role, names: FxHashMap::default(), order: Vec::new(), taken: FxHashSet::default() }
    }

    fn of(&mut self, term: u32, graph: &Graph) -> &str {
        if !self.names.contains_key(&term) {
            let name = self.choose(term, graph.terms.get(term));
            self.names.insert(term, name);
            self.order.push(term);
        }
        &self.names[&term]
    }

    fn in_order(&self) -> impl Iterator<Item = (u32, &str)> {
        self.order.iter().map(|term| (*term, &*self.names[term]))
    }

    fn choose(&mut self, term: u32, spelling: &str) -> Box<str> {
        if let Some(literal) = spelling.strip_prefix('"') {
            return literal.into();
        }
        let label = self.labels.get(&term).map(|label| label.text.to_string());
        let local = local_name(spelling, self.role);
        let both = label.as_ref().zip(local.as_ref()).map(|(label, local)| format!("{label} ({local})"));
        let first = label.or(local);
        let free = [first, both].into_iter().flatten().find(|name| !self.taken.contains(&**name));
        let name: Box<str> = free.unwrap_or_else(|| text::nfc(spelling).into_owned()).into();
        self.taken.insert(name.clone());
        name
    }
}

/// The last part of an IRI, or a blank node's label; `None` when that is no name.
fn local_name(spelling: &str, role: Role) -> Option<String> {
    if let Some(blank) = spelling.strip_prefix('_') {
        let label = blank.split_once(':').map_or(blank, |(_, label)| label);
        return Some(format!("_:{label}"));
    }
    let decoded = iri::last_part(spelling)?;
    let spaced = if role == Role::Entity { decoded.replace('_', " ") } else { decoded.into_owned() };
    text::name(spaced.trim()).ok().map(|name| name.into_owned())
}
