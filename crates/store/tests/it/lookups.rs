//! Every way of asking an index agrees with a scan, after whatever was added and removed.

use std::fs;
use std::path::Path;

use find_facts_core::{Deadline, EntityId, Fact, FactStore, Pattern};
use find_facts_store::Store;
use find_facts_testkit::MemoryStore;
use proptest::prelude::*;

use crate::support::quiet;

/// Few names, so that facts share them; one of them written in two ways.
const NAMES: [&str; 6] = ["a", "b", "c", "Curaçao", "Curac\u{327}ao", "zz"];

fn fact() -> impl Strategy<Value = [&'static str; 3]> {
    let name = || prop::sample::select(&NAMES[..]);
    [name(), name(), name()]
}

fn facts(size: usize) -> impl Strategy<Value = Vec<[&'static str; 3]>> {
    prop::collection::vec(fact(), 0..size)
}

fn owned(facts: &[[&'static str; 3]]) -> Vec<Fact> {
    let nfc = |text: &'static str| text.replace("c\u{327}", "ç");
    facts.iter().map(|[s, p, o]| Fact::new(nfc(s), nfc(p), nfc(o))).collect()
}

/// A store of these facts, kept in the folder.
fn open(folder: &Path, facts: &[[&'static str; 3]]) -> Store {
    let lines: Vec<String> = facts.iter().map(|parts| parts.join("\t")).collect();
    fs::write(folder.join("facts.tsv"), lines.join("\n")).unwrap();
    Store::open(folder, &folder.join("state"), &mut quiet).unwrap()
}

/// Asks both everything there is to ask.
fn check(index: &dyn FactStore, scan: &dyn FactStore) {
    let deadline = &Deadline::none();
    let parts = || NAMES.iter().map(|name| Some(*name)).chain([None, Some("unknown")]);
    for subject in parts() {
        for predicate in parts() {
            for object in parts() {
                let pattern = Pattern { subject, predicate, object };
                let expected = scan.find(pattern, usize::MAX, deadline).unwrap();
                assert_eq!(index.find(pattern, usize::MAX, deadline).unwrap(), expected, "{pattern:?}");
                assert_eq!(index.count(pattern, deadline).unwrap(), expected.len(), "{pattern:?}");
                let first: Vec<Fact> = expected.iter().take(2).cloned().collect();
                assert_eq!(index.find(pattern, 2, deadline).unwrap(), first, "{pattern:?}");
            }
        }
    }
    for name in NAMES {
        assert_eq!(
            index.neighbours(name, deadline).unwrap(),
            scan.neighbours(name, deadline).unwrap(),
            "{name}"
        );
        assert_eq!(index.entity(name, deadline).unwrap(), scan.entity(name, deadline).unwrap(), "{name}");
    }
    assert_eq!(index.predicates(deadline).unwrap(), scan.predicates(deadline).unwrap());
    let all = |store: &dyn FactStore| store.entities(EntityId(0), usize::MAX, deadline).unwrap();
    assert_eq!(all(index), all(scan));
    assert_eq!(
        index.entities(EntityId(1), 2, deadline).unwrap(),
        scan.entities(EntityId(1), 2, deadline).unwrap()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_question_is_answered_as_a_scan_would(facts in facts(24)) {
        let folder = tempfile::tempdir().unwrap();
        check(&*open(folder.path(), &facts).current(), &MemoryStore::new(facts));
    }

    #[test]
    fn changes_are_seen_as_a_scan_would(
        base in facts(16),
        changes in prop::collection::vec((facts(4), facts(4)), 0..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), &base);
        let mut scan = MemoryStore::new(base);
        for (add, remove) in changes {
            let (add, remove) = (owned(&add), owned(&remove));
            let before = store.current();
            store.apply(&add, &remove).unwrap();
            scan = scan.changed(&add, &remove);
            check(&*store.current(), &scan);
            let changed = store.current().changed_since(before.version()).unwrap();
            prop_assert_eq!(Some(changed), scan.changed_since(find_facts_core::KbVersion(scan.version().0 - 1)));
        }
    }
}
