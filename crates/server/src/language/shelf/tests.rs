use find_facts_core::EngineError;

use super::*;

struct Nothing;

impl Embedder for Nothing {
    fn name(&self) -> &str {
        "nothing"
    }

    fn fingerprint(&self) -> &str {
        "nothing 1"
    }

    fn dimensions(&self) -> usize {
        0
    }

    fn embed(&self, texts: &[&str], _: &Deadline) -> Result<Vec<Vec<f32>>, EngineError> {
        Ok(vec![Vec::new(); texts.len()])
    }
}

const BUDGET: Budget = Budget { language_models: 1, bytes: 100 };
const CORES: Cores = Cores { cores: 8, models: 1 };

fn begin(shelf: &Shelf, id: &str, bytes: u64) -> Deadline {
    match shelf.begin(id, bytes, &BUDGET, CORES, Instant::now()) {
        Ok(Begun::Now { wanted, .. }) => wanted,
        Ok(Begun::Already) => panic!("it is there already"),
        Err(refused) => panic!("{refused}"),
    }
}

fn available(refused: OverBudget) -> u64 {
    match refused {
        OverBudget::Memory { available, .. } => available,
        OverBudget::Count { .. } => panic!("{refused}"),
    }
}

#[test]
fn an_embedder_leaves_the_rest_to_language_models_for_as_long_as_somebody_has_it() {
    let (shelf, now) = (Shelf::default(), Instant::now());
    let embedder: Arc<dyn Embedder> = Arc::new(Nothing);
    shelf.seat("minilm", 40, &embedder, &BUDGET, now).unwrap();
    let refused = shelf.begin("large", 61, &BUDGET, CORES, now).err().unwrap();
    assert_eq!(available(refused), 60);
    // An embedder is no language model.
    let wanted = begin(&shelf, "fits", 60);
    shelf.failed("fits", &wanted, "a test".to_owned());
    drop(embedder);
    assert!(shelf.begin("large", 100, &BUDGET, CORES, now).is_ok());
}

#[test]
fn an_embedder_that_does_not_fit_is_not_counted() {
    let (shelf, now) = (Shelf::default(), Instant::now());
    let embedder: Arc<dyn Embedder> = Arc::new(Nothing);
    assert_eq!(available(shelf.make_room("minilm", 101, &BUDGET, now).err().unwrap()), 100);
    let wanted = begin(&shelf, "model", 60);
    let refused = shelf.seat("minilm", 41, &embedder, &BUDGET, now).err().unwrap();
    assert_eq!(available(refused), 40, "what is being loaded stays");
    shelf.failed("model", &wanted, "a test".to_owned());
    assert!(shelf.begin("model", 100, &BUDGET, CORES, now).is_ok());
}

#[test]
fn an_embedder_loaded_again_counts_once_and_two_count_both() {
    let (shelf, now) = (Shelf::default(), Instant::now());
    let embedder = || -> Arc<dyn Embedder> { Arc::new(Nothing) };
    let (first, again, other) = (embedder(), embedder(), embedder());
    shelf.seat("minilm", 30, &first, &BUDGET, now).unwrap();
    shelf.seat("minilm", 40, &again, &BUDGET, now).unwrap();
    shelf.seat("other", 50, &other, &BUDGET, now).unwrap();
    assert_eq!(available(shelf.begin("model", 11, &BUDGET, CORES, now).err().unwrap()), 10);
}

#[test]
fn what_is_given_up_is_cancelled_and_says_nothing_of_the_next_load() {
    let shelf = Shelf::default();
    let first = begin(&shelf, "model", 1);
    assert!(first.check().is_ok());
    assert!(shelf.take("model").unwrap().is_none());
    assert!(first.check().is_err());
    let second = begin(&shelf, "model", 1);
    shelf.failed("model", &first, "of the first".to_owned());
    assert_eq!(shelf.memory("model"), Some(ModelMemory::Loading));
    shelf.failed("model", &second, "of the second".to_owned());
    assert_eq!(shelf.memory("model"), Some(ModelMemory::Failed { reason: "of the second".to_owned() }));
    let third = begin(&shelf, "model", 1);
    shelf.clear();
    assert!(third.check().is_err());
}

#[test]
fn a_model_that_is_being_loaded_has_its_threads_already() {
    let (shelf, now) = (Shelf::default(), Instant::now());
    let budget = Budget { language_models: 3, ..BUDGET };
    let begin = |id| match shelf.begin(id, 1, &budget, CORES, now) {
        Ok(Begun::Now { wanted, threads, .. }) => (wanted, threads.get()),
        Ok(Begun::Already) => panic!("it is there already"),
        Err(refused) => panic!("{refused}"),
    };
    let (first, threads) = begin("first");
    assert_eq!(threads, 8);
    assert_eq!(begin("at the same time").1, 1);
    shelf.failed("first", &first, "a test".to_owned());
    assert_eq!(begin("afterwards").1, 7);
}
