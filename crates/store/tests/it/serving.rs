//! A store over its life: starts, changes, restarts, and what happens to its files in between.

use std::fs;
use std::path::PathBuf;

use find_facts_core::{Deadline, Fact, FactStore, Pattern};
use find_facts_store::{Index, LockError, OpenError, Progress, Store};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tempfile::TempDir;

use crate::support::quiet;

/// A plain knowledge base and a state folder.
struct World {
    folder: TempDir,
}

impl World {
    fn with(facts: &str) -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(world.path("kb")).unwrap();
        world.write("kb/facts.tsv", facts);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text.replace('|', "\t").replace(' ', "\n")).unwrap();
    }

    fn try_open(&self) -> Result<Store, OpenError> {
        Store::open(&self.path("kb"), &self.path("state"), &mut quiet)
    }

    fn open(&self) -> Store {
        self.try_open().unwrap()
    }

    /// Opens, and keeps what is said meanwhile.
    fn open_listening(&self) -> (Store, Vec<String>) {
        let mut said = Vec::new();
        let mut listen = |progress: Progress<'_>| {
            if let Progress::Step(step) = progress {
                said.push(step.to_owned());
            }
        };
        let store = Store::open(&self.path("kb"), &self.path("state"), &mut listen).unwrap();
        (store, said)
    }

    /// Why the index was built anew by this start, if it was.
    fn rebuilt(&self) -> Option<String> {
        rebuilt(&self.open_listening().1)
    }
}

fn rebuilt(said: &[String]) -> Option<String> {
    said.iter().find_map(|step| step.strip_prefix("building the index anew: ").map(str::to_owned))
}

fn fact(text: &str) -> Fact {
    let [subject, predicate, object] = text.split('|').collect::<Vec<_>>().try_into().unwrap();
    Fact::new(subject, predicate, object)
}

/// All facts, as `a|p|b c|p|d`.
fn served(index: &Index) -> String {
    let facts = index.find(Pattern::default(), usize::MAX, &Deadline::none()).unwrap();
    let texts: Vec<String> =
        facts.iter().map(|fact| [&*fact.subject, &fact.predicate, &fact.object].join("|")).collect();
    texts.join(" ")
}

#[test]
fn changes_survive_a_restart_in_the_order_in_which_they_were_made() {
    let world = World::with("a|p|b c|p|d");
    let store = world.open();
    store.apply(&[fact("x|p|y"), fact("c|p|d"), fact("e|p|f")], &[fact("a|p|b")]).unwrap();
    store.apply(&[fact("a|p|b")], &[fact("x|p|y"), fact("un|known|fact")]).unwrap();
    assert_eq!(served(&store.current()), "c|p|d e|p|f a|p|b");
    drop(store);
    assert_eq!(served(&world.open().current()), "c|p|d e|p|f a|p|b");
}

#[test]
fn a_fact_that_the_knowledge_base_has_since_got_counts_once() {
    let world = World::with("a|p|b");
    world.open().apply(&[fact("x|p|y")], &[]).unwrap();
    world.write("kb/facts.tsv", "x|p|y a|p|b c|p|d");
    assert_eq!(served(&world.open().current()), "x|p|y a|p|b c|p|d");
}

#[test]
fn a_removal_stays_removed_whatever_the_knowledge_base_says() {
    let world = World::with("a|p|b c|p|d");
    world.open().apply(&[], &[fact("a|p|b")]).unwrap();
    world.write("kb/facts.tsv", "c|p|d");
    assert_eq!(served(&world.open().current()), "c|p|d");
    world.write("kb/facts.tsv", "e|p|f a|p|b c|p|d");
    assert_eq!(served(&world.open().current()), "e|p|f c|p|d");
}

#[test]
fn a_removed_fact_loses_its_validities_for_good() {
    let world = World::with("a|p|b|1990|1995");
    let validities =
        |store: &Store| store.current().validities(&fact("a|p|b"), &Deadline::none()).unwrap().len();
    let store = world.open();
    assert_eq!(validities(&store), 1);
    store.apply(&[fact("a|p|b")], &[fact("a|p|b")]).unwrap();
    assert_eq!(validities(&store), 0);
    drop(store);
    assert_eq!(validities(&world.open()), 0);
}

#[test]
fn versions_grow_with_changes_restarts_keep_them_and_another_knowledge_base_is_another_version() {
    let world = World::with("a|p|b");
    let version = |store: &Store| store.current().version().0;
    let store = world.open();
    assert_eq!(version(&store), 1);
    store.apply(&[fact("c|p|d")], &[]).unwrap();
    store.apply(&[fact("c|p|d")], &[]).unwrap();
    assert_eq!(version(&store), 2, "the second call changed nothing");
    drop(store);
    assert_eq!(version(&world.open()), 2);
    world.write("kb/facts.tsv", "a|p|c");
    assert_eq!(version(&world.open()), 3);
    assert_eq!(version(&world.open()), 3);
}

#[test]
fn a_reader_keeps_the_version_it_has_and_learns_what_has_changed() {
    let world = World::with("a|p|b c|p|d");
    let store = world.open();
    let old = store.current();
    store.apply(&[fact("a|p|d")], &[]).unwrap();
    store.apply(&[fact("new|p|b")], &[fact("c|p|d")]).unwrap();
    assert_eq!(served(&old), "a|p|b c|p|d");
    let new = store.current();
    let names: Vec<String> = (new.changed_since(old.version()).unwrap().into_iter())
        .map(|id| new.entities(id, 1, &Deadline::none()).unwrap()[0].name.to_string())
        .collect();
    assert_eq!(names, ["a", "b", "c", "d", "new"]);
    assert_eq!(old.changed_since(new.version()), None, "an old version knows nothing of a later one");
    drop(store);
    let restarted = world.open().current();
    assert_eq!(restarted.changed_since(old.version()), None, "what another process did is not known");
}

#[test]
fn a_refused_change_changes_nothing() {
    let world = World::with("a|p|b");
    let store = world.open();
    let error = store.apply(&[fact("c|p|d"), Fact::new("x", "", "y")], &[fact("a|p|b")]).unwrap_err();
    assert_eq!(error.to_string(), "the predicate of fact 2 of `add` is empty");
    assert_eq!(served(&store.current()), "a|p|b");
}

#[test]
fn a_state_folder_serves_one_process_at_a_time() {
    let world = World::with("a|p|b");
    let store = world.open();
    assert!(matches!(world.try_open(), Err(OpenError::Lock(LockError::Held(_)))));
    drop(store);
    world.open();
}

#[test]
fn an_index_that_does_not_fit_is_built_anew() {
    let world = World::with("a|p|b");
    assert_eq!(world.rebuilt().as_deref(), Some("there was none yet"));
    assert_eq!(world.rebuilt(), None);
    world.write("kb/facts.tsv", "a|p|b c|p|d");
    assert_eq!(world.rebuilt().as_deref(), Some("it belongs to another state of the knowledge base"));
    world.write("kb/aliases.tsv", "a|A");
    assert_eq!(world.rebuilt().as_deref(), Some("it belongs to another state of the knowledge base"));
    fs::write(world.path("state/kb.index"), "something else").unwrap();
    assert_eq!(world.rebuilt().as_deref(), Some("it is no index file"));
    assert_eq!(world.rebuilt(), None);
}

#[test]
fn an_index_that_cannot_be_kept_is_served_all_the_same() {
    let world = World::with("a|p|b");
    fs::create_dir_all(world.path("state/kb.index.new")).unwrap();
    let (store, said) = world.open_listening();
    assert!(said.iter().any(|step| step.starts_with("the index could not be kept: ")), "{said:?}");
    assert_eq!(served(&store.current()), "a|p|b");
}

#[test]
fn a_folder_that_is_no_knowledge_base_is_an_error_that_names_it() {
    let world = World::with("a|p|b");
    fs::remove_file(world.path("kb/facts.tsv")).unwrap();
    let error = world.try_open().unwrap_err().to_string();
    assert!(error.contains("has neither `facts.tsv` nor `knowledge.redb`"), "{error}");
    world.write("kb/facts.tsv", "a|p|b a|p");
    let error = world.try_open().unwrap_err().to_string();
    assert!(error.contains("line 2: 2 tab-separated columns"), "{error}");
}

/// Each of these waits for the disk several times.
const SYNCED_CASES: u32 = 100;

#[test]
fn a_damaged_index_is_noticed_and_built_anew() {
    let world = World::with("a|p|b|1990| Curaçao|part_of|Antilles a|q|b");
    let expected = served(&world.open().current());
    let file = world.path("state/kb.index");
    let whole = fs::read(&file).unwrap();
    let flips = prop::collection::vec((0..whole.len(), 1..=255_u8), 1..4);
    let damage = (flips, prop::option::of(0..whole.len()));
    let outcome = TestRunner::new(ProptestConfig::with_cases(SYNCED_CASES)).run(&damage, |(flips, cut)| {
        let mut bytes = whole.clone();
        for (at, change) in flips {
            bytes[at] ^= change;
        }
        bytes.truncate(cut.unwrap_or(whole.len()));
        fs::write(&file, &bytes).unwrap();
        let (store, said) = world.open_listening();
        prop_assert_eq!(rebuilt(&said).is_some(), bytes != whole);
        prop_assert_eq!(&served(&store.current()), &expected);
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn an_index_for_which_the_disk_has_no_room_is_served_and_leaves_no_half_behind() {
    let world = World::with("a|p|b");
    fs::create_dir(world.path("state")).unwrap();
    std::os::unix::fs::symlink("/dev/full", world.path("state/kb.index.new")).unwrap();
    let (store, said) = world.open_listening();
    assert!(said.iter().any(|step| step.starts_with("the index could not be kept: ")), "{said:?}");
    assert_eq!(served(&store.current()), "a|p|b");
    assert!(fs::symlink_metadata(world.path("state/kb.index.new")).is_err());
}
