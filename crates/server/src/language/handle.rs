//! A language model as a tier holds it: by name. Whichever worker has it in memory is asked; while none has, the tier hears that
//! and goes on without. So holding one keeps no model in memory, only a question under way does.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use find_facts_core::{Deadline, EngineError, LanguageModel, Likelihood, Prompt};
use find_facts_engine_llama::LlamaWorker;

use super::shelf::Shelf;

/// What a tier does about weights that are not those it began with.
pub(super) const CHANGED: &str = "its file has changed; initialise the tier again";

/// The name of a model, and the shelf to look on.
pub(crate) struct Handle {
    pub(super) id: String,
    /// Of the first weights that the tier had. What they answered is kept, so no others are asked.
    pub(super) fingerprint: OnceLock<String>,
    pub(super) shelf: Arc<Shelf>,
}

impl Handle {
    /// That the tier works without the model now, and why; `None` where it has it.
    pub(crate) fn lack(&self) -> Option<String> {
        let why = self.shelf.lack(&self.id, self.fingerprint.get().map(String::as_str))?;
        Some(format!("works without its language model `{}`: {why}", self.id))
    }

    fn worker(&self) -> Result<Arc<LlamaWorker>, EngineError> {
        let unavailable =
            |reason: &str| EngineError::Unavailable { engine: self.id.clone(), reason: reason.to_owned() };
        let worker = self.shelf.worker(&self.id, Instant::now());
        let worker = worker.ok_or_else(|| unavailable("it is not in memory; load it over the admin API"))?;
        if worker.fingerprint() != self.fingerprint.get_or_init(|| worker.fingerprint().to_owned()) {
            return Err(unavailable(CHANGED));
        }
        Ok(worker)
    }
}

impl LanguageModel for Handle {
    fn name(&self) -> &str {
        &self.id
    }

    /// Empty before the tier first had the model.
    fn fingerprint(&self) -> &str {
        self.fingerprint.get().map_or("", String::as_str)
    }

    fn score(
        &self,
        prompt: &Prompt<'_>,
        continuations: &[&str],
        deadline: &Deadline,
    ) -> Result<Vec<Likelihood>, EngineError> {
        self.worker()?.score(prompt, continuations, deadline)
    }

    fn generate(
        &self,
        prompt: &Prompt<'_>,
        grammar: &str,
        most: usize,
        deadline: &Deadline,
    ) -> Result<String, EngineError> {
        self.worker()?.generate(prompt, grammar, most, deadline)
    }
}
