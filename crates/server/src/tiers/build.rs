//! Builds Tier 1 from its parameters. Without its model it links by letters and words, and says so.

use std::sync::Arc;
use std::time::Instant;

use find_facts_api::admin::TierParams;
use find_facts_core::{Deadline, Embedder, Tier};
use find_facts_tier1::{Setup, SetupEvent, Tier1, Tier1Config};

use super::Parts;
use super::status::Status;
use crate::http::chain;

/// The file in the state folder that keeps the vectors of names.
const VECTORS: &str = "tier1.vectors";

/// What a build is made from.
pub(super) struct Plan<'a> {
    pub(super) parts: &'a Parts,
    pub(super) status: &'a Status,
    pub(super) params: &'a TierParams,
    pub(super) deadline: &'a Deadline,
}

/// The embedder of the last build: it need not be loaded again.
#[derive(Default)]
pub(super) struct Embedders(Option<(String, Arc<dyn Embedder>)>);

impl Plan<'_> {
    /// Tier 1, and what it does without; or why there is none.
    pub(super) fn build(&self, embedders: &mut Embedders) -> Result<(Arc<Tier1>, Vec<String>), String> {
        let (embedder, reasons) = match self.embedder(embedders) {
            Ok(embedder) => (Some(embedder), Vec::new()),
            Err(reason) => (None, vec![reason]),
        };
        let setup = Setup {
            config: config(self.params),
            embedder,
            vectors: Some(self.parts.control.state.folder.join(VECTORS)),
        };
        let store = self.parts.store.current();
        let tier1 = Tier1::build(setup, &*store, &|event| self.heard(event), self.deadline);
        Ok((Arc::new(tier1.map_err(|error| chain(&error))?), reasons))
    }

    fn embedder(&self, embedders: &mut Embedders) -> Result<Arc<dyn Embedder>, String> {
        let live = self.parts.control.live();
        let configured = &live.config.tier(Tier::Tier1).model;
        let id = self.parts.models.id(self.params.model.as_ref().unwrap_or(configured));
        if let Some((_, embedder)) = embedders.0.as_ref().filter(|(loaded, _)| *loaded == id) {
            return Ok(Arc::clone(embedder));
        }
        let started = Instant::now();
        match self.parts.models.embedder(&id) {
            Ok(embedder) => {
                self.status.model(&id, Some(started.elapsed()));
                embedders.0 = Some((id, Arc::clone(&embedder)));
                Ok(embedder)
            }
            Err(error) => {
                self.status.model(&id, None);
                let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
                Err(format!("works without the model `{id}`: {}{hint}", chain(&error)))
            }
        }
    }

    fn heard(&self, event: SetupEvent) {
        match event {
            SetupEvent::Indexed { names } => {
                self.status.progress(0.0, format!("{names} names are indexed by letters and words"));
            }
            SetupEvent::VectorsRefused(error) => {
                tracing::info!(reason = chain(&error), "stored vectors are not used");
            }
            SetupEvent::Embedding(progress) => {
                let share = progress.done as f64 / progress.total.max(1) as f64;
                self.status
                    .progress(share, format!("{} of {} names have a vector", progress.done, progress.total));
            }
        }
    }
}

fn config(params: &TierParams) -> Tier1Config {
    let default = Tier1Config::default();
    Tier1Config {
        min_confidence: params.min_confidence.unwrap_or(default.min_confidence),
        cache_size: params.cache_size.unwrap_or(default.cache_size),
        candidates: params.candidates.unwrap_or(default.candidates),
        similarity: params.similarity.unwrap_or(default.similarity),
        parts: default.parts,
    }
}
