//! Where each tier stands, for the health report. Written by the thread that builds them, read by everybody.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use find_facts_core::Tier;
use find_facts_core::health::{ModelReport, TierState};
use find_facts_health::TierParts;

use super::build::Built;
use crate::models::LoadedEmbedder;

/// Where each tier stands, and its model.
#[derive(Default)]
pub(super) struct Status(Mutex<BTreeMap<Tier, Standing>>);

#[derive(Default)]
struct Standing {
    parts: Option<TierParts>,
    /// What serves, also while it is built anew.
    built: Option<Built>,
    model: Option<ModelReport>,
}

impl Status {
    pub(super) fn parts(&self) -> BTreeMap<Tier, TierParts> {
        let shown = |(tier, standing): (&Tier, &Standing)| {
            let mut parts = standing.parts.clone()?;
            let Some(built) = &standing.built else { return Some((*tier, parts)) };
            parts.cache_entries = built.cached();
            if parts.state == TierState::Ready {
                parts.reasons.extend(built.lacks_now());
            }
            Some((*tier, parts))
        };
        self.lock().iter().filter_map(shown).collect()
    }

    pub(super) fn models(&self) -> Vec<ModelReport> {
        self.lock().values().filter_map(|standing| standing.model.clone()).collect()
    }

    pub(super) fn loading(&self, tier: Tier, cache_capacity: usize) {
        self.lock().entry(tier).or_default().parts = Some(TierParts {
            state: TierState::Loading,
            progress: 0.0,
            reasons: vec!["initialisation has begun".to_owned()],
            cache_entries: 0,
            cache_capacity: cache_capacity as u64,
        });
    }

    pub(super) fn progress(&self, tier: Tier, share: f64, reason: String) {
        self.update(tier, TierState::Loading, share, vec![reason]);
    }

    /// The reasons say what it does without until it is built anew.
    pub(super) fn ready(&self, tier: Tier, built: Built, reasons: Vec<String>) {
        self.lock().entry(tier).or_default().built = Some(built);
        self.update(tier, TierState::Ready, 1.0, reasons);
    }

    pub(super) fn failed(&self, tier: Tier, reason: String) {
        self.update(tier, TierState::Failed, 0.0, vec![reason]);
    }

    pub(super) fn off(&self, tier: Tier) {
        self.lock().remove(&tier);
    }

    /// The embedder, which is Tier 1's, and what loading it took if it is loaded.
    pub(super) fn model(&self, id: &str, loaded: Option<&LoadedEmbedder>) {
        self.lock().entry(Tier::Tier1).or_default().model = Some(ModelReport {
            id: id.to_owned(),
            tier: Tier::Tier1,
            loaded: loaded.is_some(),
            load_ms: loaded.map(|loaded| loaded.took.as_secs_f64() * 1000.0),
            memory_bytes: loaded.map(|loaded| loaded.bytes),
        });
    }

    fn update(&self, tier: Tier, state: TierState, progress: f64, reasons: Vec<String>) {
        if let Some(parts) = &mut self.lock().entry(tier).or_default().parts {
            *parts = TierParts { state, progress, reasons, ..parts.clone() };
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Tier, Standing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
