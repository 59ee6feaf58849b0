//! Finds out how good the answers of the tiers are, off every caller's path: golden probes, whose answers are known, and shadow
//! runs, which hold a tier against the mode below it. Its thread gives way, and asks one thing at a time. Nothing that
//! it asks is counted among requests, or remembered by a tier; a tier needs no exposure to be asked.

mod ask;
mod golden;
mod shadow;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use find_facts_core::health::{QualityReport, TierState};
use find_facts_core::{Deadline, Tier};
use find_facts_service::give_way;
use tokio::runtime::Runtime;

use crate::app::App;
use ask::Asker;
pub use golden::GoldenFault;
use golden::Probe;
pub(crate) use shadow::Sampler;

/// A changed configuration is in force after this.
const LOOK: Duration = Duration::from_secs(1);

/// What was found out, and what it is found out with.
pub(crate) struct Quality {
    /// Where clients' requests are sampled.
    pub(crate) sampler: Sampler,
    /// The probes of the configured file; none where they are made from the knowledge base.
    given: ArcSwap<Vec<Probe>>,
    found: Mutex<BTreeMap<Tier, find_facts_health::Quality>>,
    /// Cancelled when the server stops.
    stopping: Deadline,
}

/// The configured probes, checked.
pub(crate) struct Given(Vec<Probe>);

impl Given {
    /// Reads the file, where one is configured.
    pub(crate) fn read(file: Option<&PathBuf>) -> Result<Self, GoldenFault> {
        file.map_or(Ok(Vec::new()), |file| golden::read(file)).map(Self)
    }
}

impl Quality {
    /// Nothing found out yet.
    pub(crate) fn new(given: Given) -> Self {
        Self {
            sampler: Sampler::default(),
            given: ArcSwap::from_pointee(given.0),
            found: Mutex::default(),
            stopping: Deadline::none(),
        }
    }

    /// Puts other configured probes in place.
    pub(crate) fn replace(&self, given: Given) {
        if *self.given.load_full() != given.0 {
            self.given.store(given.0.into());
        }
    }

    /// Gives up what takes long.
    pub(crate) fn stop(&self) {
        self.stopping.cancel();
    }

    /// As the health report has it.
    pub(crate) fn report(&self, now: Instant) -> BTreeMap<Tier, QualityReport> {
        self.found().iter().map(|(tier, found)| (*tier, found.report(now))).collect()
    }

    fn found(&self) -> MutexGuard<'_, BTreeMap<Tier, find_facts_health::Quality>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks until the server stops.
pub(crate) fn run(app: &App, runtime: &Runtime) {
    give_way();
    let mut asker = Asker::default();
    let mut last = Instant::now();
    while wait(app, runtime, last) {
        last = Instant::now();
        let tiers = askable(app);
        if tiers.is_empty() {
            app.quality.sampler.rest();
        } else {
            runtime.block_on(asker.ask(app, &tiers));
        }
    }
}

/// Waits until it is time to ask again; `false` where the server stops.
fn wait(app: &App, runtime: &Runtime, last: Instant) -> bool {
    loop {
        let left = match app.control.live().config.quality.every {
            Some(every) => every.saturating_sub(last.elapsed()),
            None => {
                app.quality.sampler.rest();
                LOOK
            }
        };
        if left.is_zero() {
            return !app.stop.is_cancelled();
        }
        let stopped = async { tokio::time::timeout(left.min(LOOK), app.stop.cancelled()).await };
        if runtime.block_on(stopped).is_ok() {
            return false;
        }
    }
}

/// The tiers that may be asked. One that a mask holds off is to be left alone, and one that health has lowered has clients' own
/// requests to prove itself by.
fn askable(app: &App) -> Vec<Tier> {
    let (live, ceiling) = (app.control.live(), app.monitor.ceiling());
    let may_be_asked = |tier: &Tier| {
        app.tiers.state(*tier) == TierState::Ready && !live.masked[*tier as usize] && tier.mode() <= ceiling
    };
    Tier::ALL.into_iter().filter(may_be_asked).collect()
}
