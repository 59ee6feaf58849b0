//! Images that say nonsense under a correct checksum, which only somebody who wants to harm can make: every question
//! still has an answer, if a wrong one.

use find_facts_core::{Deadline, EntityId, Fact, FactStore, KbVersion, Pattern};
use proptest::prelude::*;

use super::layout::{HEADER_WORDS, check, reseal};
use super::*;
use crate::builder::Builder;
use crate::index::Index;

const NAMES: [&str; 4] = ["a", "b", "p", "unknown"];

fn image() -> Image {
    let mut builder = Builder::default();
    let year = "1990".parse().ok();
    builder.add_fact(["a", "p", "b"], Validity { start: year, end: None }).unwrap();
    builder.add_fact(["b", "p", "a"], Validity { start: year, end: year }).unwrap();
    builder.add_fact(["a", "q", "b"], Validity::default()).unwrap();
    builder.add_entity_alias("a", "A").unwrap();
    builder.add_predicate_alias("p", "P").unwrap();
    build(&builder.finish(), &Digest::default()).unwrap()
}

/// Asks everything there is to ask.
fn ask(index: &Index) {
    let deadline = &Deadline::none();
    let parts = || NAMES.iter().map(|name| Some(*name)).chain([None]);
    for subject in parts() {
        for predicate in parts() {
            for object in parts() {
                let pattern = Pattern { subject, predicate, object };
                index.find(pattern, 10, deadline).unwrap();
                FactStore::count(index, pattern, deadline).unwrap();
            }
        }
    }
    for name in NAMES {
        index.entity(name, deadline).unwrap();
        index.neighbours(name, deadline).unwrap();
        index.validities(&Fact::new("a", "p", name), deadline).unwrap();
    }
    index.entities(EntityId(0), 100, deadline).unwrap();
    index.predicates(deadline).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nonsense_is_answered_and_never_a_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![0..8_u32, any::<u32>()]), 1..8),
    ) {
        let Memory::Owned(mut words) = image().memory else { return Ok(()) };
        for (at, value) in changes {
            let at = HEADER_WORDS + at.index(words.len() - HEADER_WORDS);
            words[at] = value;
        }
        reseal(&mut words);
        let sections = check(&words, &Digest::default()).unwrap();
        ask(&Index::of(Image { memory: Memory::Owned(words), sections }, KbVersion(1)));
    }
}
