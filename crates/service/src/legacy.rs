//! The answer in the form it has always had, byte for byte, written straight from the store's rows.
//! Allocates the answer once, whatever the number of facts; `fixtures/legacy/` holds every byte of it.

use std::fmt::Display;

use find_facts_core::{Parts, Pattern, Without};
use find_facts_store::{FactId, FactRef, Index};
use serde::{Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;

use crate::wording::{Found, NothingFound, suggestions};

/// The bytes of a fact's keys and its confidence, with some to spare.
const PER_FACT: usize = 64;

/// The bytes of an answer's keys and sentences, without the facts and parts that they name, with some to spare.
const FRAME: usize = 512;

/// The whole answer of exact matching: what a request gets that no tier has touched.
pub fn find_exact(index: &Index, parts: &Parts, limit: usize) -> Vec<u8> {
    format(index, &find(index, parts, limit, &Without::default()), limit, parts)
}

/// The facts that have exactly these parts, in import order, at most `limit`.
pub(crate) fn find(index: &Index, parts: &Parts, limit: usize, without: &Without) -> Vec<FactId> {
    if !without.entities.is_empty() {
        return find_without(index, parts, limit, without);
    }
    let mut found = Vec::with_capacity(limit);
    index.lookup(Pattern::from(parts), limit, &mut found);
    found
}

/// The same as if the knowledge base did not know some entities.
fn find_without(index: &Index, parts: &Parts, limit: usize, without: &Without) -> Vec<FactId> {
    let hidden: Vec<String> = without.entities.iter().map(|name| name.nfc().collect()).collect();
    let is_hidden = |name: &str| hidden.iter().any(|entity| entity == name);
    let mut found = Vec::new();
    index.lookup(Pattern::from(parts), usize::MAX, &mut found);
    found.retain(|id| {
        let fact = index.fact(*id);
        !is_hidden(fact.subject) && !is_hidden(fact.object)
    });
    found.truncate(limit);
    found
}

/// The answer to a query of parts for which exact matching found these facts.
pub(crate) fn format(index: &Index, found: &[FactId], limit: usize, query: &Parts) -> Vec<u8> {
    let rows = found.iter().map(|id| index.fact(*id));
    let data = Data { facts: Facts(rows.clone()), count: found.len(), limit, query };
    if found.is_empty() {
        let message = Sentence(NothingFound(query));
        return to_bytes(&Response { data, message, suggestions: suggestions(query) }, FRAME);
    }
    let texts = |fact: FactRef<'_>| fact.subject.len() + fact.predicate.len() + fact.object.len();
    let size = FRAME + rows.clone().map(|fact| PER_FACT + texts(fact)).sum::<usize>();
    to_bytes(&Response { data, message: Sentence(Found(rows)), suggestions: Vec::new() }, size)
}

/// A value as compact JSON, in a buffer of `size` bytes that grows where they are too few.
#[expect(
    clippy::expect_used,
    reason = "a `Vec` takes every write, and no answer has a value that JSON lacks"
)]
pub(crate) fn to_bytes(value: &impl Serialize, size: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size);
    serde_json::to_writer(&mut bytes, value).expect("an answer is JSON");
    bytes
}

#[derive(Serialize)]
struct Response<D, M> {
    data: D,
    message: M,
    suggestions: Vec<String>,
}

#[derive(Serialize)]
struct Data<'a, F> {
    facts: F,
    count: usize,
    limit: usize,
    query: &'a Parts,
}

#[derive(Serialize)]
struct Fact<'a> {
    subject: &'a str,
    predicate: &'a str,
    object: &'a str,
    confidence: f32,
}

/// Rows as the objects of an array.
struct Facts<I>(I);

impl<'a, I: Iterator<Item = FactRef<'a>> + Clone> Serialize for Facts<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone().map(|FactRef { subject, predicate, object }| Fact {
            subject,
            predicate,
            object,
            confidence: 1.0,
        }))
    }
}

/// A sentence as a string that is escaped while it is written.
struct Sentence<M>(M);

impl<M: Display> Serialize for Sentence<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
