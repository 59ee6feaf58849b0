//! Asks, and tells what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use find_facts_api::admin::TierParams;
use find_facts_core::health::GoldenMiss;
use find_facts_core::{FactStore, KbVersion, Tier, Without};
use find_facts_service::{Alone, FindFactsRequest};

use super::golden::{self, Probe, in_words};
use super::shadow;
use crate::app::App;
use crate::http::chain;
use crate::sample;
use crate::state::unix_ms;

/// How many entities probes are made from.
const DRAWN: usize = 500;

/// A sample costs a walk through all names, so a knowledge base that changes is not drawn from again before this.
const DRAWN_FOR: Duration = Duration::from_secs(24 * 3600);

/// Decides which entities are drawn: any other number would do.
const SEED: u64 = 0x676f_6c64_656e;

/// What it has to know from one time to the next.
#[derive(Default)]
pub(super) struct Asker {
    made: Made,
    turn: usize,
    /// What each tier was made from when it was last asked, and by which probes.
    asked: BTreeMap<Tier, (Vec<TierParams>, Arc<Vec<Probe>>)>,
    /// Probes that the log has been told of.
    wrong: BTreeSet<(Tier, String)>,
}

impl Asker {
    /// Asks each tier a probe, and the request of a client if one was sampled.
    pub(super) async fn ask(&mut self, app: &App, tiers: &[Tier]) {
        let sampled = app.quality.sampler.take();
        let given = app.quality.given.load_full();
        let probes = if given.is_empty() { self.made.fresh(app) } else { given };
        self.asked.retain(|tier, _| tiers.contains(tier));
        for tier in tiers.iter().copied() {
            self.notice_change(app, tier, &probes);
            self.probe(app, tier, &probes).await;
            if let Some(request) = &sampled {
                hold_against_below(app, tier, request).await;
            }
        }
        self.turn += 1;
    }

    /// What was found out of another tier, or by other probes, says nothing of these.
    fn notice_change(&mut self, app: &App, tier: Tier, probes: &Arc<Vec<Probe>>) {
        let live = app.control.live();
        let params = live.record.tiers.range(..=tier).map(|(_, params)| params.clone()).collect::<Vec<_>>();
        let is_same = self
            .asked
            .get(&tier)
            .is_some_and(|(before, asked)| *before == params && Arc::ptr_eq(asked, probes));
        if !is_same {
            self.asked.insert(tier, (params, Arc::clone(probes)));
            self.wrong.retain(|(of, _)| *of != tier);
            app.quality.found().entry(tier).or_default().start_anew();
        }
    }

    /// Asks a tier the probe whose turn it is.
    async fn probe(&mut self, app: &App, tier: Tier, probes: &[Probe]) {
        let its = golden::of(probes, tier);
        let Some(probe) = its.get(self.turn % its.len().max(1)) else { return };
        let result = match answer(&app.service.alone(), tier, probe).await {
            Some(Ok(())) => {
                self.wrong.remove(&(tier, probe.row.id.clone()));
                Ok(())
            }
            Some(Err([expected, got])) => {
                let (id, asked, now) = (probe.row.id.clone(), probe.asked(), SystemTime::now());
                if self.wrong.insert((tier, id.clone())) {
                    tracing::warn!(%tier, id, asked, expected, got, "a golden probe is answered wrong");
                }
                Err(GoldenMiss { time_ms: unix_ms(now), id, asked, expected, got })
            }
            None => return,
        };
        app.quality.found().entry(tier).or_default().golden(Instant::now(), result);
    }
}

/// Whether a tier answers a probe right; else what would be right, and what came. `None` where it did not answer, which says
/// nothing of its answers, or where nobody knows any more what is right.
async fn answer(alone: &Alone<'_>, tier: Tier, probe: &Probe) -> Option<Result<(), [String; 2]>> {
    let mut probe = probe.clone();
    if let Some(canonical) = probe.canonical() {
        probe.row.expect = alone.exact(&canonical);
        let either_way = probe.mirrored().is_some_and(|mirrored| !alone.exact(&mirrored).is_empty());
        if probe.row.expect.is_empty() || either_way {
            return None;
        }
    }
    let answer = alone.tier(tier, &probe.request(), &probe.row.without).await.ok()?;
    if probe.is_met_by(&answer) {
        return Some(Ok(()));
    }
    let got = answer.facts.first().map_or_else(|| "nothing".to_owned(), |first| in_words(&first.fact));
    Some(Err([probe.expected(), got]))
}

/// Asks a client's request of a tier and of the mode below. A way that fails says nothing of what is found.
async fn hold_against_below(app: &App, tier: Tier, request: &FindFactsRequest) {
    let alone = app.service.alone();
    let nothing_hidden = Without::default();
    let below = match tier.below() {
        Some(below) => alone.tier(below, request, &nothing_hidden).await.map(shadow::facts),
        None => Ok(alone.exact(request)),
    };
    let its = alone.tier(tier, request, &nothing_hidden).await.map(shadow::facts);
    if let (Ok(below), Ok(its)) = (below, its) {
        let what = shadow::compare(&below, &its);
        app.quality.found().entry(tier).or_default().shadow(Instant::now(), what);
    }
}

/// Probes made from the knowledge base.
#[derive(Default)]
struct Made {
    probes: Arc<Vec<Probe>>,
    drawn: Option<(KbVersion, Instant)>,
}

impl Made {
    /// The probes, drawn where nothing was drawn yet, and now and then from a knowledge base that has changed.
    fn fresh(&mut self, app: &App) -> Arc<Vec<Probe>> {
        let (index, now) = (app.store.current(), Instant::now());
        let version = index.version();
        let is_due = |(from, at): (KbVersion, Instant)| from != version && now - at >= DRAWN_FOR;
        if self.drawn.is_none_or(is_due) {
            self.drawn = Some((version, now));
            match sample::draw(&*index, SEED, DRAWN, &app.quality.stopping) {
                Ok(sample) => self.probes = golden::made(&sample.entities).into(),
                Err(_) if app.quality.stopping.check().is_err() => {}
                Err(error) => tracing::warn!(error = chain(&error), "no golden probes could be made"),
            }
            if self.probes.is_empty() {
                tracing::warn!(
                    "the knowledge base gives no golden probes: nothing says whether answers are right"
                );
            }
        }
        Arc::clone(&self.probes)
    }
}
