//! Where Tier 1 stands, for the health report. Written by the thread that builds it, read by everybody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use find_facts_api::admin::TierParams;
use find_facts_core::Tier;
use find_facts_core::health::{ModelReport, TierState};
use find_facts_health::TierParts;
use find_facts_tier1::{Tier1, Tier1Config};

/// Where Tier 1 stands, and its model.
#[derive(Default)]
pub(super) struct Status(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    tier1: Option<TierParts>,
    /// Whose cache is shown.
    serving: Option<Arc<Tier1>>,
    model: Option<ModelReport>,
}

impl Status {
    pub(super) fn parts(&self) -> BTreeMap<Tier, TierParts> {
        let inner = self.lock();
        let cache_entries = inner.serving.as_ref().map_or(0, |tier1| tier1.cached());
        let parts = inner.tier1.clone().map(|parts| (Tier::Tier1, TierParts { cache_entries, ..parts }));
        parts.into_iter().collect()
    }

    pub(super) fn models(&self) -> Vec<ModelReport> {
        self.lock().model.clone().into_iter().collect()
    }

    pub(super) fn loading(&self, params: &TierParams) {
        self.lock().tier1 = Some(TierParts {
            state: TierState::Loading,
            progress: 0.0,
            reasons: vec!["initialisation has begun".to_owned()],
            cache_entries: 0,
            cache_capacity: params.cache_size.unwrap_or(Tier1Config::default().cache_size) as u64,
        });
    }

    pub(super) fn progress(&self, share: f64, reason: String) {
        self.update(TierState::Loading, share, vec![reason]);
    }

    pub(super) fn ready(&self, serving: Arc<Tier1>, reasons: Vec<String>) {
        self.lock().serving = Some(serving);
        self.update(TierState::Ready, 1.0, reasons);
    }

    pub(super) fn failed(&self, reason: String) {
        self.update(TierState::Failed, 0.0, vec![reason]);
    }

    pub(super) fn off(&self) {
        *self.lock() = Inner::default();
    }

    /// The model of the tier, and how long it took to load if it is loaded.
    pub(super) fn model(&self, id: &str, load: Option<Duration>) {
        self.lock().model = Some(ModelReport {
            id: id.to_owned(),
            tier: Tier::Tier1,
            loaded: load.is_some(),
            load_ms: load.map(|load| load.as_secs_f64() * 1000.0),
        });
    }

    fn update(&self, state: TierState, progress: f64, reasons: Vec<String>) {
        if let Some(parts) = &mut self.lock().tier1 {
            *parts = TierParts { state, progress, reasons, ..parts.clone() };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
