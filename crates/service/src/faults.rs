//! Faults on purpose, for rehearsals and tests: a tier that errs, panics, dawdles or answers wrongly on a share of its
//! runs. Which runs is a matter of counting, not of chance: of every `n` runs `share · n` are struck, whatever the order.

use std::collections::TryReserveError;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwap;
use find_facts_api::admin::{Fault, FaultKind, Faults};
use find_facts_core::{
    Deadline, DeadlineExceeded, Fact, FactFinder, FactStore, FindQuery, FinderAnswer, FinderError,
    RankedFact, Tier,
};

/// How often a run that dawdles looks whether anybody still waits.
const LOOK: Duration = Duration::from_millis(1);

/// The faults in force, shared by every tier they may strike.
#[derive(Default)]
pub struct FaultBoard {
    in_force: ArcSwap<InForce>,
}

#[derive(Default)]
struct InForce {
    faults: Vec<Counted>,
    /// The memory that faults of that kind hold, as long as they are in force.
    #[expect(dead_code, reason = "held, not read")]
    ballast: Vec<u8>,
}

struct Counted {
    fault: Fault,
    runs: AtomicU64,
}

/// Faults that cannot be put in force. Those before stay.
#[derive(Debug, thiserror::Error)]
pub enum InvalidFaults {
    /// A share that is none.
    #[error("share `{share}` of fault {number} is not accepted; accepted: 0 to 1", number = .index + 1)]
    Share {
        /// Which fault, from 0.
        index: usize,
        /// Its share.
        share: f64,
    },
    /// There is not as much memory to hold.
    #[error("cannot hold `{bytes}` bytes of memory")]
    Memory {
        /// How much was asked for.
        bytes: u64,
        /// Why.
        #[source]
        source: TryReserveError,
    },
}

impl FaultBoard {
    /// Puts these faults in force instead of those before; their counts begin anew.
    pub fn set(&self, faults: Faults) -> Result<(), InvalidFaults> {
        let faults = faults.faults;
        if let Some((index, fault)) =
            faults.iter().enumerate().find(|(_, fault)| !(0.0..=1.0).contains(&fault.share))
        {
            return Err(InvalidFaults::Share { index, share: fault.share });
        }
        let ballast = ballast(&faults)?;
        let faults = faults.into_iter().map(|fault| Counted { fault, runs: AtomicU64::new(0) }).collect();
        self.in_force.store(Arc::new(InForce { faults, ballast }));
        Ok(())
    }

    /// The faults in force.
    pub fn get(&self) -> Faults {
        Faults { faults: self.in_force.load().faults.iter().map(|counted| counted.fault.clone()).collect() }
    }

    /// What strikes the next run of a tier.
    fn strikes(&self, tier: Tier) -> Vec<FaultKind> {
        let in_force = self.in_force.load();
        let of_tier = in_force.faults.iter().filter(|counted| counted.fault.tier == tier);
        of_tier.filter(|counted| counted.strikes()).map(|counted| counted.fault.kind.clone()).collect()
    }
}

impl Counted {
    fn strikes(&self) -> bool {
        let before = self.runs.fetch_add(1, Ordering::Relaxed) as f64;
        ((before + 1.0) * self.fault.share).floor() > (before * self.fault.share).floor()
    }
}

/// A tier that suffers the faults of a board.
pub struct FaultyFinder {
    inner: Arc<dyn FactFinder>,
    board: Arc<FaultBoard>,
}

impl FaultyFinder {
    /// The tier, under the faults of the board.
    pub fn new(inner: Arc<dyn FactFinder>, board: Arc<FaultBoard>) -> Self {
        Self { inner, board }
    }
}

impl FactFinder for FaultyFinder {
    fn tier(&self) -> Tier {
        self.inner.tier()
    }

    fn find(
        &self,
        query: &FindQuery,
        store: &Arc<dyn FactStore>,
        deadline: &Deadline,
    ) -> Result<FinderAnswer, FinderError> {
        let mut wrong = None;
        for strike in self.board.strikes(self.tier()) {
            match strike {
                FaultKind::Error => return Err(FinderError::NotReady("a fault was injected".to_owned())),
                #[expect(clippy::panic, reason = "the fault is a panic")]
                FaultKind::Panic => panic!("a fault was injected"),
                FaultKind::Latency { ms } => dawdle(Duration::from_millis(ms), deadline)?,
                FaultKind::WrongAnswer { object } => wrong = Some(object),
                FaultKind::Memory { .. } => {}
            }
        }
        let answer = self.inner.find(query, store, deadline)?;
        Ok(match wrong {
            Some(object) => falsified(answer, query, &object),
            None => answer,
        })
    }
}

fn ballast(faults: &[Fault]) -> Result<Vec<u8>, InvalidFaults> {
    let bytes = faults.iter().fold(0u64, |bytes, fault| match fault.kind {
        FaultKind::Memory { bytes: more } => bytes.saturating_add(more),
        _ => bytes,
    });
    let size = usize::try_from(bytes).unwrap_or(usize::MAX);
    let mut ballast = Vec::new();
    ballast.try_reserve_exact(size).map_err(|source| InvalidFaults::Memory { bytes, source })?;
    // Ones, because a page of zeros takes no memory until it is written to.
    ballast.resize(size, 1);
    Ok(ballast)
}

fn dawdle(time: Duration, deadline: &Deadline) -> Result<(), DeadlineExceeded> {
    let mut left = time;
    while !left.is_zero() {
        deadline.check()?;
        let step = left.min(LOOK);
        thread::sleep(step);
        left -= step;
    }
    Ok(())
}

fn falsified(mut answer: FinderAnswer, query: &FindQuery, object: &Arc<str>) -> FinderAnswer {
    if answer.facts.is_empty() {
        let or_object = |part: &Option<Arc<str>>| part.clone().unwrap_or_else(|| Arc::clone(object));
        let fact =
            Fact::new(or_object(&query.parts.subject), or_object(&query.parts.predicate), Arc::clone(object));
        answer.facts.push(RankedFact { fact, confidence: 1.0 });
    }
    for ranked in &mut answer.facts {
        ranked.fact.object = Arc::clone(object);
    }
    answer
}
