//! What it does over time: the cache, changes of the knowledge base, vectors on the disk, deadlines.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use find_facts_core::{Deadline, Embedder, EngineError, Fact, FactFinder, FactStore, FinderError, Without};
use find_facts_testkit::MemoryStore;
use find_facts_tier1::Tier1;
use find_facts_tier2::{Setup, SetupEvent, Tier2, Tier2Config};

use crate::world::{ask, parts, question, store, tier};

/// Counts letters: no understanding, but the same vector for the same text.
#[derive(Default)]
struct Letters(AtomicUsize);

impl Embedder for Letters {
    fn name(&self) -> &str {
        "letters"
    }

    fn fingerprint(&self) -> &str {
        "letters 1"
    }

    fn dimensions(&self) -> usize {
        26
    }

    fn embed(&self, texts: &[&str], deadline: &Deadline) -> Result<Vec<Vec<f32>>, EngineError> {
        deadline.check()?;
        self.0.fetch_add(texts.len(), Ordering::Relaxed);
        let vector = |text: &&str| {
            let mut counts = vec![0.0f32; 26];
            for byte in text.bytes().filter(u8::is_ascii_lowercase) {
                counts[usize::from(byte - b'a')] += 1.0;
            }
            let length = counts.iter().map(|x| x * x).sum::<f32>().sqrt().max(1.0);
            counts.into_iter().map(|x| x / length).collect()
        };
        Ok(texts.iter().map(vector).collect())
    }
}

#[test]
fn an_answer_is_given_again_from_the_cache_until_facts_change() {
    let (store, query) = (store(), question("Who directed Solaris?"));
    let tier = tier(&store);
    let find = |store: &Arc<dyn FactStore>| tier.find(&query, store, &Deadline::none()).unwrap();
    assert!(!find(&store).cache_hit);
    assert!(find(&store).cache_hit);
    assert_eq!(tier.cached(), 1);
}

#[test]
fn a_new_relation_is_known_after_following() {
    let before = MemoryStore::new([["Solaris", "directed by", "Andrei Tarkovsky"]]);
    let after = before.changed(&[Fact::new("Solaris", "composer", "Eduard Artemyev")], &[]);
    let (before, after): (Arc<dyn FactStore>, Arc<dyn FactStore>) = (Arc::new(before), Arc::new(after));
    let tier = tier(&before);
    let query = question("Who composed Solaris?");
    assert!(tier.find(&query, &before, &Deadline::none()).unwrap().facts.is_empty());
    tier.follow(&*after, &|_| {}, &Deadline::none()).unwrap();
    let answer = tier.find(&query, &after, &Deadline::none()).unwrap();
    assert_eq!(answer.answers.first().map(|answer| &**answer), Some("Eduard Artemyev"));
}

#[test]
fn vectors_are_made_once_and_a_damaged_file_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wordings");
    let store = store();
    let build = |refusals: &AtomicUsize| {
        let letters = Arc::new(Letters::default());
        let tier1 =
            Tier1::build(find_facts_tier1::Setup::default(), &*store, &|_| {}, &Deadline::none()).unwrap();
        let setup = Setup {
            config: Tier2Config::default(),
            tier1: Arc::new(tier1),
            embedder: Some(letters.clone()),
            language_model: None,
            vectors: Some(path.clone()),
        };
        let hear = |event| {
            if matches!(event, SetupEvent::VectorsRefused(_)) {
                refusals.fetch_add(1, Ordering::Relaxed);
            }
        };
        Tier2::build(setup, &*store, &hear, &Deadline::none()).unwrap();
        letters.0.load(Ordering::Relaxed)
    };
    let refusals = AtomicUsize::new(0);
    let all = build(&refusals);
    assert!(all > 0);
    assert_eq!(build(&refusals), 0);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[60] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert_eq!((build(&refusals), refusals.load(Ordering::Relaxed)), (all, 1));
}

#[test]
fn vectors_that_cannot_be_saved_serve_from_memory_and_the_next_build_tries_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wordings");
    let store = store();
    let build = || {
        let tier1 = Tier1::build(Default::default(), &*store, &|_| {}, &Deadline::none()).unwrap();
        let setup = Setup {
            config: Tier2Config::default(),
            tier1: Arc::new(tier1),
            embedder: Some(Arc::new(Letters::default())),
            language_model: None,
            vectors: Some(path.clone()),
        };
        let unsaved = RefCell::new(Vec::new());
        let hear = |event| {
            if let SetupEvent::VectorsUnsaved(error) = event {
                unsaved.borrow_mut().push(error.path);
            }
        };
        Tier2::build(setup, &*store, &hear, &Deadline::none()).unwrap();
        unsaved.into_inner()
    };
    // Where the new file would be written first; not even root writes over a folder.
    let in_the_way = folder.path().join("wordings.new");
    std::fs::create_dir(&in_the_way).unwrap();
    assert_eq!(build(), std::slice::from_ref(&path));
    assert!(!path.exists());
    std::fs::remove_dir(&in_the_way).unwrap();
    assert!(build().is_empty() && path.exists());
}

#[test]
fn a_passed_deadline_is_an_error_and_not_an_empty_answer() {
    let store = store();
    let deadline = Deadline::none();
    deadline.cancel();
    let found = tier(&store).find(&question("Who directed Solaris?"), &store, &deadline);
    assert!(matches!(found, Err(FinderError::Deadline(_))));
}

#[test]
fn hidden_entities_are_neither_linked_nor_answered() {
    let without = Without { entities: vec!["Andrei Tarkovsky".into()], ..Without::default() };
    let query = find_facts_core::FindQuery { without, ..question("Who directed Solaris?") };
    assert!(ask(&query).facts.is_empty());
}

#[test]
fn what_is_lacking_is_told() {
    assert!(tier(&store()).lacks().iter().any(|lack| lack.contains("without a language model")));
}

#[test]
fn a_known_wording_is_unknown_to_a_query_that_hides_it() {
    let facts = [["Solaris", "index nine", "7"], ["Solaris", "directed by", "Andrei Tarkovsky"]];
    let store: Arc<dyn FactStore> = Arc::new(
        MemoryStore::new(facts)
            .predicate_alias("index nine", "grumble")
            .predicate_alias("index nine", "mumble"),
    );
    let tier = tier(&store);
    let found = |wording: &str, hidden: &[&str]| {
        let mut query = parts(["Solaris", wording, ""]);
        query.without.wordings = hidden.iter().map(|wording| Arc::from(*wording)).collect();
        tier.find(&query, &store, &Deadline::none()).unwrap().facts.len()
    };
    assert_eq!(found("grumble", &["grumble"]), 0);
    assert_eq!(found("grumble", &[]), 1);
    assert_eq!(found("grumble", &["mumble"]), 1);
    assert_eq!(found("grumble", &["grumble"]), 0, "what was remembered of the query that hides nothing");
    assert_eq!(found("Grumble", &["mumble", "grumble"]), 0);
}
