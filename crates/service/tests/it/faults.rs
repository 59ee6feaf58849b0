//! Faults on purpose strike the share of runs that they are asked to, and no other tier's.

use std::sync::Arc;
use std::time::{Duration, Instant};

use find_facts_api::admin::{Fault, FaultKind, Faults};
use find_facts_core::{
    Deadline, FactFinder, FactStore, FindQuery, FinderAnswer, FinderError, Mode, Parts, RankedFact,
    SystemClock, Tier, Without,
};
use find_facts_service::{FaultBoard, FaultyFinder};
use find_facts_testkit::MemoryStore;

use crate::world::fact_of;

/// A tier that always knows the same, or nothing.
struct Knows(bool);

impl FactFinder for Knows {
    fn tier(&self) -> Tier {
        Tier::Tier1
    }

    fn find(&self, _: &FindQuery, _: &Arc<dyn FactStore>, _: &Deadline) -> Result<FinderAnswer, FinderError> {
        let fact = RankedFact { fact: fact_of(Tier::Tier1), confidence: 0.9 };
        Ok(FinderAnswer { facts: self.0.then_some(fact).into_iter().collect(), ..FinderAnswer::default() })
    }
}

fn under(tier: Tier, kind: FaultKind, share: f64, knows: bool) -> FaultyFinder {
    let board = Arc::new(FaultBoard::default());
    board.set(Faults { faults: vec![Fault { tier, kind, share }] }).unwrap();
    FaultyFinder::new(Arc::new(Knows(knows)), board)
}

fn run(finder: &FaultyFinder, deadline: &Deadline) -> Result<FinderAnswer, FinderError> {
    let query = FindQuery {
        parts: Parts { subject: Some("Angola".into()), ..Parts::default() },
        text: None,
        mode: Mode::EntityLinked,
        limit: 10,
        min_confidence: None,
        without: Without::default(),
        remember: true,
    };
    let store: Arc<dyn FactStore> = Arc::new(MemoryStore::new::<&str>([]));
    finder.find(&query, &store, deadline)
}

fn check_share(tier: Tier, share: f64, expected: usize) {
    let finder = under(tier, FaultKind::Error, share, true);
    let errors = (0..100).filter(|_| run(&finder, &Deadline::none()).is_err()).count();
    assert_eq!(errors, expected, "{tier} {share}");
}

#[test]
fn a_fault_strikes_exactly_its_share_of_its_tiers_runs() {
    for (share, expected) in [(0.0, 0), (0.01, 1), (0.25, 25), (0.5, 50), (1.0, 100)] {
        check_share(Tier::Tier1, share, expected);
        check_share(Tier::Tier2, share, 0);
    }
}

#[test]
fn a_wrong_answer_has_the_wrong_object_even_where_nothing_was_known() {
    for knows in [true, false] {
        let finder = under(Tier::Tier1, FaultKind::WrongAnswer { object: "wrong".into() }, 1.0, knows);
        let answer = run(&finder, &Deadline::none()).unwrap();
        assert_eq!(answer.facts.len(), 1);
        assert_eq!(*answer.facts[0].fact.subject, *"Angola");
        assert_eq!(*answer.facts[0].fact.object, *"wrong");
    }
}

#[test]
#[should_panic(expected = "a fault was injected")]
fn a_panic_is_a_panic() {
    let _ = run(&under(Tier::Tier1, FaultKind::Panic, 1.0, true), &Deadline::none());
}

#[test]
fn a_run_that_dawdles_still_minds_its_deadline() {
    let finder = under(Tier::Tier1, FaultKind::Latency { ms: 60_000 }, 1.0, true);
    let started = Instant::now();
    let deadline = Deadline::after(Duration::from_millis(5), Arc::new(SystemClock));
    assert!(matches!(run(&finder, &deadline), Err(FinderError::Deadline(_))));
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn faults_that_make_no_sense_leave_those_in_force() {
    let board = FaultBoard::default();
    let fault = |share| Fault { tier: Tier::Tier1, kind: FaultKind::Memory { bytes: 1 << 20 }, share };
    let sensible = Faults { faults: vec![fault(1.0)] };
    board.set(sensible.clone()).unwrap();
    for share in [-0.1, 1.1, f64::NAN] {
        let refused = board.set(Faults { faults: vec![fault(0.5), fault(share)] }).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("share `{share}` of fault 2 is not accepted; accepted: 0 to 1")
        );
    }
    let too_much = Fault { tier: Tier::Tier1, kind: FaultKind::Memory { bytes: u64::MAX }, share: 1.0 };
    assert!(board.set(Faults { faults: vec![too_much] }).is_err());
    assert_eq!(board.get(), sensible);
}
