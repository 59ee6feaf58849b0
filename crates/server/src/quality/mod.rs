//! Finds out how good the answers of the tiers are, off every caller's path: golden probes, whose answers are known, and shadow
//! runs, which hold a tier against the mode below it. Its thread gives way, and asks one thing at a time. Nothing that
//! it asks is counted among requests, or remembered by a cache; a tier needs no exposure to be asked.

mod golden;
mod shadow;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwap;
use find_facts_core::health::{GoldenMiss, QualityReport, TierState};
use find_facts_core::outcome::FallbackReason;
use find_facts_core::{Deadline, FactStore, KbVersion, Tier, Without};
use find_facts_health::Shadow;
use find_facts_service::{Alone, FindFactsRequest, Query, give_way};
use tokio::runtime::Handle;

use crate::app::App;
use crate::http::chain;
use crate::sample;
use crate::state::unix_ms;
pub use golden::GoldenFault;
use golden::{Probe, in_words};
pub(crate) use shadow::Sampler;

/// How many entities probes are made from.
const DRAWN: usize = 500;

/// A sample costs a walk through all names, so a knowledge base that changes is not drawn from again before this.
const DRAWN_FOR: Duration = Duration::from_secs(3600);

/// Decides which entities are drawn: any other number would do.
const SEED: u64 = 0x676f_6c64_656e;

/// What was found out, and what it is found out with.
pub(crate) struct Quality {
    /// Where clients' requests are sampled.
    pub(crate) sampler: Sampler,
    /// The probes of the configured file; none where they are made from the knowledge base.
    given: ArcSwap<Vec<Probe>>,
    found: Mutex<BTreeMap<Tier, find_facts_health::Quality>>,
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
        Self { sampler: Sampler::default(), given: ArcSwap::from_pointee(given.0), found: Mutex::default() }
    }

    /// Puts other configured probes in place.
    pub(crate) fn replace(&self, given: Given) {
        self.given.store(given.0.into());
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
pub(crate) fn run(app: &App, runtime: &Handle) {
    give_way();
    let mut made = Made::default();
    let mut turn = 0;
    loop {
        let every = app.control.live().config.quality.every;
        let stopped = runtime.block_on(async { tokio::time::timeout(every, app.stop.cancelled()).await });
        if stopped.is_ok() {
            return;
        }
        let ready: Vec<Tier> =
            Tier::ALL.into_iter().filter(|tier| app.tiers.state(*tier) == TierState::Ready).collect();
        if ready.is_empty() {
            continue;
        }
        runtime.block_on(async {
            let sampled = app.quality.sampler.take();
            for tier in ready {
                probe(app, tier, &mut made, turn).await;
                if let Some(request) = &sampled {
                    run_shadow(app, tier, request).await;
                }
            }
        });
        turn += 1;
    }
}

/// Probes made from the knowledge base.
#[derive(Default)]
struct Made {
    probes: Vec<Probe>,
    drawn: Option<(KbVersion, Instant)>,
}

impl Made {
    /// Draws where nothing was drawn yet, and now and then from a knowledge base that has changed.
    fn refresh(&mut self, app: &App) {
        let (index, now) = (app.store.current(), Instant::now());
        let version = index.version();
        let fresh = self.drawn.is_some_and(|(drawn_from, at)| drawn_from == version || now - at < DRAWN_FOR);
        if fresh {
            return;
        }
        self.drawn = Some((version, now));
        match sample::draw(&*index, SEED, DRAWN, &Deadline::none()) {
            Ok(sample) => self.probes = golden::made(&sample.entities),
            Err(error) => tracing::warn!(error = chain(&error), "no golden probes could be made"),
        }
    }
}

/// Asks a tier the probe whose turn it is.
async fn probe(app: &App, tier: Tier, made: &mut Made, turn: usize) {
    let given = app.quality.given.load_full();
    let probes = if given.is_empty() {
        made.refresh(app);
        &made.probes
    } else {
        &*given
    };
    let its: Vec<&Probe> = probes.iter().filter(|probe| probe.from <= tier.mode()).collect();
    let Some(probe) = its.get(turn % its.len().max(1)) else { return };
    let result = match ask(&app.service.alone(), tier, probe).await {
        Asked::Right => Ok(()),
        Asked::Wrong { expected, got } => Err(GoldenMiss {
            time_ms: unix_ms(SystemTime::now()),
            id: probe.row.id.clone(),
            asked: probe.asked(),
            expected,
            got,
        }),
        Asked::NoOpinion => return,
    };
    if let Err(miss) = &result {
        let GoldenMiss { id, asked, expected, got, .. } = miss;
        tracing::warn!(%tier, id, asked, expected, got, "a golden probe was answered wrong");
    }
    app.quality.found().entry(tier).or_default().golden(Instant::now(), result);
}

/// How a probe was answered.
enum Asked {
    Right,
    Wrong {
        expected: String,
        got: String,
    },
    /// The tier was not asked, or nobody knows any more what is right.
    NoOpinion,
}

async fn ask(alone: &Alone<'_>, tier: Tier, probe: &Probe) -> Asked {
    let mut probe = probe.clone();
    if let Some(canonical) = probe.canonical() {
        probe.row.expect = alone.exact(&canonical);
        if probe.row.expect.is_empty() {
            return Asked::NoOpinion;
        }
    }
    let got = match alone.tier(tier, &probe.request(), &probe.row.without).await {
        Ok(answer) if probe.is_met_by(&answer) => return Asked::Right,
        Ok(answer) => {
            answer.facts.first().map_or_else(|| "nothing".to_owned(), |first| in_words(&first.fact))
        }
        Err(FallbackReason::NotReady | FallbackReason::Overloaded) => return Asked::NoOpinion,
        Err(reason) => format!("no answer: {}", reason.name()),
    };
    Asked::Wrong { expected: probe.expected(), got }
}

/// Asks a client's request both ways. A way that fails says nothing of what is found: errors are counted elsewhere.
async fn run_shadow(app: &App, tier: Tier, request: &FindFactsRequest) {
    let is_question = matches!(request.query, Query::Text(_));
    if is_question && tier < Tier::Tier2 {
        return;
    }
    let alone = app.service.alone();
    let nothing_hidden = Without::default();
    let below = match Tier::ALL.into_iter().rev().find(|below| *below < tier) {
        Some(below) if !(is_question && below < Tier::Tier2) => {
            alone.tier(below, request, &nothing_hidden).await.map(shadow::facts)
        }
        _ => Ok(alone.exact(request)),
    };
    let its = alone.tier(tier, request, &nothing_hidden).await.map(shadow::facts);
    if let (Ok(below), Ok(its)) = (below, its) {
        let what: Shadow = shadow::compare(&below, &its);
        app.quality.found().entry(tier).or_default().shadow(Instant::now(), what);
    }
}
