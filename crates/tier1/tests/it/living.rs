//! Tier 1 over a knowledge base that changes: new names are linked at once, removed ones never answer.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use find_facts_core::{
    Deadline, Embedder, EngineError, Fact, FactFinder, FactStore, FindQuery, Mode, Parts, Without,
};
use find_facts_testkit::MemoryStore;
use find_facts_tier1::{Setup, SetupEvent, Tier1};

fn before() -> MemoryStore {
    MemoryStore::new([["Ulm", "country", "Germany"], ["Warsaw", "country", "Poland"]])
}

fn asked(subject: &str) -> FindQuery {
    FindQuery {
        parts: Parts { subject: Some(subject.into()), ..Parts::default() },
        text: None,
        mode: Mode::EntityLinked,
        limit: 10,
        min_confidence: None,
        without: Without::default(),
        remember: true,
    }
}

fn found(tier: &Tier1, store: &Arc<dyn FactStore>, subject: &str) -> usize {
    tier.find(&asked(subject), store, &Deadline::none()).unwrap().facts.len()
}

#[test]
fn added_names_are_linked_at_once_and_removed_ones_never_answer() {
    let base = before();
    let old: Arc<dyn FactStore> = Arc::new(base.clone());
    let tier = Tier1::build(Setup::default(), &*old, &|_| {}, &Deadline::none()).unwrap();
    assert_eq!((found(&tier, &old, "warsaw"), found(&tier, &old, "kraków")), (1, 0));

    let add = [Fact::new("Krakow", "country", "Poland")];
    let new: Arc<dyn FactStore> = Arc::new(base.changed(&add, &[Fact::new("Warsaw", "country", "Poland")]));
    assert_eq!((found(&tier, &new, "warsaw"), found(&tier, &new, "kraków")), (0, 1));
    tier.follow(&*new, &|_| {}, &Deadline::none()).unwrap();
    assert_eq!((found(&tier, &new, "warsaw"), found(&tier, &new, "kraków")), (0, 1));
}

/// Hashes letters into a vector, and counts how many texts it was given.
struct Counting(AtomicUsize);

impl Embedder for Counting {
    fn name(&self) -> &str {
        "counting"
    }

    fn fingerprint(&self) -> &str {
        "counting 1"
    }

    fn dimensions(&self) -> usize {
        26
    }

    fn embed(&self, texts: &[&str], _: &Deadline) -> Result<Vec<Vec<f32>>, EngineError> {
        self.0.fetch_add(texts.len(), Ordering::Relaxed);
        Ok(texts.iter().map(|text| letters(text)).collect())
    }
}

fn letters(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0f32; 26];
    for byte in text.bytes().filter(u8::is_ascii_alphabetic) {
        vector[usize::from(byte.to_ascii_lowercase() - b'a')] += 1.0;
    }
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(1.0);
    vector.into_iter().map(|x| x / length).collect()
}

#[test]
fn a_restart_embeds_only_names_that_are_new_and_a_damaged_file_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectors");
    let embedded = |store: &dyn FactStore| {
        let counting = Arc::new(Counting(AtomicUsize::new(0)));
        let setup =
            Setup { embedder: Some(counting.clone()), vectors: Some(path.clone()), ..Setup::default() };
        let refused = AtomicUsize::new(0);
        let hear = |event| {
            if matches!(event, SetupEvent::VectorsRefused(_)) {
                refused.fetch_add(1, Ordering::Relaxed);
            }
        };
        Tier1::build(setup, store, &hear, &Deadline::none()).unwrap();
        (counting.0.load(Ordering::Relaxed), refused.load(Ordering::Relaxed))
    };
    let base = before();
    assert_eq!(embedded(&base), (4, 0));
    assert_eq!(embedded(&base), (0, 0));
    let more = base.changed(&[Fact::new("Krakow", "country", "Poland")], &[]);
    assert_eq!(embedded(&more), (1, 0));
    std::fs::write(&path, b"not vectors").unwrap();
    assert_eq!(embedded(&more), (5, 1));
}

#[test]
fn vectors_that_cannot_be_saved_serve_from_memory_and_the_next_build_tries_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vectors");
    let counting = Arc::new(Counting(AtomicUsize::new(0)));
    let setup = Setup { embedder: Some(counting.clone()), vectors: Some(path.clone()), ..Setup::default() };
    let base = before();
    let store: Arc<dyn FactStore> = Arc::new(base.clone());
    let build = || {
        let unsaved = RefCell::new(Vec::new());
        let hear = |event| {
            if let SetupEvent::VectorsUnsaved(error) = event {
                unsaved.borrow_mut().push(error.to_string());
            }
        };
        let tier = Tier1::build(setup.clone(), &base, &hear, &Deadline::none()).unwrap();
        (counting.0.load(Ordering::Relaxed), unsaved.into_inner(), found(&tier, &store, "warsaw"))
    };
    // Where the new file would be written first; not even root writes over a folder.
    let in_the_way = folder.path().join("vectors.new");
    std::fs::create_dir(&in_the_way).unwrap();
    let (embedded, unsaved, found) = build();
    assert_eq!((embedded, unsaved.len(), found), (4, 1, 1));
    assert!(unsaved[0].contains(&path.display().to_string()), "{unsaved:?}");
    std::fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(build(), (8, Vec::new(), 1));
    assert_eq!(build(), (8, Vec::new(), 1), "the second build has saved them");
}
