//! Builds a tier from its parameters. Without its model it does what it can without, and says so.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::error::Error;
use std::sync::Arc;

use find_facts_api::admin::TierParams;
use find_facts_core::{Deadline, Embedder, FactFinder, LanguageModel, Tier};
use find_facts_tier1::{Tier1, Tier1Config};
use find_facts_tier2::{Tier2, Tier2Config};

use super::Parts;
use super::status::Status;
use crate::http::chain;
use crate::language::Handle;
use crate::models::{LoadedEmbedder, NoEmbedder};

/// The embedder, or why it has to be done without.
type OrWithout = (Option<Arc<dyn Embedder>>, Option<String>);

/// The files in the state folder that keep vectors.
const NAMES: &str = "tier1.vectors";
const WORDINGS: &str = "tier2.vectors";

/// What a build is made from.
pub(super) struct Plan<'a> {
    pub(super) parts: &'a Parts,
    pub(super) status: &'a Status,
    pub(super) tier: Tier,
    pub(super) params: &'a TierParams,
    pub(super) deadline: &'a Deadline,
    /// Why vectors could not be kept.
    unsaved: RefCell<Vec<String>>,
}

/// A tier that serves.
#[derive(Clone)]
pub(super) enum Built {
    One(Arc<Tier1>),
    /// With its language model, in memory or not.
    Two(Arc<Tier2>, Arc<Handle>),
}

/// The embedder of the last build: it need not be loaded again.
#[derive(Default)]
pub(super) struct Embedders(Option<(String, LoadedEmbedder)>);

impl Built {
    pub(super) fn finder(&self) -> Arc<dyn FactFinder> {
        match self {
            Self::One(tier) => Arc::clone(tier) as Arc<dyn FactFinder>,
            Self::Two(tier, _) => Arc::clone(tier) as Arc<dyn FactFinder>,
        }
    }

    /// How many answers its cache holds.
    pub(super) fn cached(&self) -> u64 {
        match self {
            Self::One(tier) => tier.cached(),
            Self::Two(tier, _) => tier.cached(),
        }
    }

    /// What it does without at this moment, because of what became of it since the build.
    pub(super) fn lacks_now(&self) -> Option<String> {
        match self {
            Self::One(_) => None,
            Self::Two(_, language_model) => language_model.lack(),
        }
    }

    /// Takes in facts that have changed; the error is told in words.
    pub(super) fn follow(&self, parts: &Parts) -> Result<(), String> {
        let store = parts.store.current();
        let deadline = Deadline::none();
        match self {
            Self::One(tier) => {
                let heard = |event| {
                    if let find_facts_tier1::SetupEvent::VectorsUnsaved(error) = event {
                        _ = unsaved(&error);
                    }
                };
                tier.follow(&*store, &heard, &deadline).map_err(|error| chain(&error))
            }
            Self::Two(tier, _) => {
                let heard = |event| {
                    if let find_facts_tier2::SetupEvent::VectorsUnsaved(error) = event {
                        _ = unsaved(&error);
                    }
                };
                tier.follow(&*store, &heard, &deadline).map_err(|error| chain(&error))
            }
        }
    }
}

/// How many answers a tier's cache holds with these parameters.
pub(super) fn cache_size(tier: Tier, params: &TierParams) -> usize {
    params.cache_size.unwrap_or(match tier {
        Tier::Tier1 => Tier1Config::default().cache_size,
        _ => Tier2Config::default().cache_size,
    })
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        parts: &'a Parts,
        status: &'a Status,
        tier: Tier,
        params: &'a TierParams,
        deadline: &'a Deadline,
    ) -> Self {
        Self { parts, status, tier, params, deadline, unsaved: RefCell::default() }
    }

    /// Tier 1, and what it does without; or why there is none.
    pub(super) fn tier1(&self, embedders: &mut Embedders) -> Result<(Built, Vec<String>), String> {
        use find_facts_tier1::Setup;
        let (embedder, without) = self.embedder(self.params.model.as_deref(), embedders)?;
        let vectors = Some(self.parts.control.state.folder.join(NAMES));
        let setup = Setup { config: config_of_tier1(self.params), embedder, vectors };
        let store = self.parts.store.current();
        let tier = Tier1::build(setup, &*store, &|event| self.heard_of_names(event), self.deadline);
        let tier = tier.map_err(|error| chain(&error))?;
        let reasons = without.into_iter().chain(self.unsaved.take()).collect();
        Ok((Built::One(Arc::new(tier)), reasons))
    }

    /// Tier 2 over a ready Tier 1 and with its embedder, and what it does without; or why there is none.
    pub(super) fn tier2(
        &self,
        tier1: &Arc<Tier1>,
        model_of_tier1: Option<&str>,
        embedders: &mut Embedders,
    ) -> Result<(Built, Vec<String>), String> {
        use find_facts_tier2::Setup;
        let (embedder, without) = self.embedder(model_of_tier1, embedders)?;
        let model = self.language_model();
        let setup = Setup {
            config: config_of_tier2(self.params),
            tier1: Arc::clone(tier1),
            embedder,
            language_model: Some(Arc::clone(&model) as Arc<dyn LanguageModel>),
            vectors: Some(self.parts.control.state.folder.join(WORDINGS)),
        };
        let store = self.parts.store.current();
        let tier = Tier2::build(setup, &*store, &|event| self.heard_of_wordings(event), self.deadline)
            .map_err(|error| chain(&error))?;
        let reasons = without.into_iter().chain(tier.lacks()).chain(self.unsaved.take()).collect();
        Ok((Built::Two(Arc::new(tier), model), reasons))
    }

    /// The embedder, or why it has to be done without. Both tiers have the same: the one that Tier 1's parameters name. An
    /// embedder that is there but does not fit into memory is an error.
    fn embedder(&self, named: Option<&str>, embedders: &mut Embedders) -> Result<OrWithout, String> {
        let live = self.parts.control.live();
        let id = self.parts.models.id(named.unwrap_or(&live.config.tier(Tier::Tier1).model));
        let kept = embedders.0.take().filter(|(loaded, _)| *loaded == id);
        match kept.map_or_else(|| self.load(&id), |(_, loaded)| Ok(loaded)) {
            Ok(loaded) => {
                self.status.model(&id, Some(&loaded));
                let embedder = Arc::clone(&loaded.embedder);
                embedders.0 = Some((id, loaded));
                Ok((Some(embedder), None))
            }
            Err(error) => {
                self.status.model(&id, None);
                let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
                let reason = format!("{}{hint}", chain(&error));
                match error {
                    NoEmbedder::OverBudget(_) => Err(reason),
                    _ => Ok((None, Some(format!("works without the model `{id}`: {reason}")))),
                }
            }
        }
    }

    fn load(&self, id: &str) -> Result<LoadedEmbedder, NoEmbedder> {
        let languages = &self.parts.languages;
        let loaded = self.parts.models.embedder(id, |needed| languages.make_room(id, needed))?;
        languages.seat(id, loaded.bytes, &loaded.embedder)?;
        Ok(loaded)
    }

    /// The language model that the tier's parameters name, in memory if it can be had.
    fn language_model(&self) -> Arc<Handle> {
        let live = self.parts.control.live();
        let name = self.params.model.as_deref().unwrap_or(&live.config.tier(self.tier).model);
        self.parts.languages.model(name, self.deadline)
    }

    fn heard_of_names(&self, event: find_facts_tier1::SetupEvent) {
        use find_facts_tier1::SetupEvent;
        match event {
            SetupEvent::Indexed { names } => {
                self.progress(0.0, format!("{names} names are indexed by letters and words"));
            }
            SetupEvent::VectorsRefused(error) => refused(&error),
            SetupEvent::VectorsUnsaved(error) => self.unsaved.borrow_mut().push(unsaved(&error)),
            SetupEvent::Embedding(progress) => self.embedded(progress.done, progress.total, "names"),
        }
    }

    fn heard_of_wordings(&self, event: find_facts_tier2::SetupEvent) {
        use find_facts_tier2::SetupEvent;
        match event {
            SetupEvent::Indexed { relations, wordings } => {
                self.progress(0.0, format!("{relations} relations have {wordings} wordings"));
            }
            SetupEvent::VectorsRefused(error) => refused(&error),
            SetupEvent::VectorsUnsaved(error) => self.unsaved.borrow_mut().push(unsaved(&error)),
            SetupEvent::Embedding(progress) => self.embedded(progress.done, progress.total, "wordings"),
        }
    }

    fn embedded(&self, done: usize, total: usize, what: &str) {
        let share = done as f64 / total.max(1) as f64;
        self.progress(share, format!("{done} of {total} {what} have a vector"));
    }

    fn progress(&self, share: f64, reason: String) {
        self.status.progress(self.tier, share, reason);
    }
}

fn refused(error: &(dyn Error + 'static)) {
    tracing::info!(reason = chain(error), "stored vectors are not used");
}

/// In words, also for the log: a disk without room wants somebody.
fn unsaved(error: &(dyn Error + 'static)) -> String {
    let error = chain(error);
    tracing::warn!(error, "vectors could not be saved");
    format!("its vectors are not saved, and are made anew by the next build: {error}")
}

fn config_of_tier1(params: &TierParams) -> Tier1Config {
    let default = Tier1Config::default();
    Tier1Config {
        min_confidence: params.min_confidence.unwrap_or(default.min_confidence),
        cache_size: params.cache_size.unwrap_or(default.cache_size),
        candidates: params.candidates.unwrap_or(default.candidates),
        similarity: params.similarity.unwrap_or(default.similarity),
        parts: default.parts,
    }
}

fn config_of_tier2(params: &TierParams) -> Tier2Config {
    let default = Tier2Config::default();
    Tier2Config {
        min_confidence: params.min_confidence.unwrap_or(default.min_confidence),
        cache_size: params.cache_size.unwrap_or(default.cache_size),
        candidates: params.candidates.unwrap_or(default.candidates),
        similarity: params.similarity.unwrap_or(default.similarity),
        parts: default.parts,
    }
}
