//! A language model as a tier holds it: by name. Whichever worker has it in memory is asked; while none has, the tier hears that
//! and goes on without. So holding one keeps no model in memory, only a question under way does.

use std::sync::Arc;
use std::time::Instant;

use find_facts_core::{Deadline, EngineError, LanguageModel, Likelihood, Prompt};
use find_facts_engine_llama::LlamaWorker;

use super::shelf::Shelf;

/// The name of a model, and the shelf to look on.
pub(super) struct Handle {
    pub(super) id: String,
    /// Of the weights that were loaded when the tier was built.
    pub(super) fingerprint: String,
    pub(super) shelf: Arc<Shelf>,
}

impl Handle {
    fn worker(&self) -> Result<Arc<LlamaWorker>, EngineError> {
        let unavailable =
            |reason: &str| EngineError::Unavailable { engine: self.id.clone(), reason: reason.to_owned() };
        let worker = self.shelf.worker(&self.id, Instant::now());
        let worker = worker.ok_or_else(|| unavailable("it is not in memory; load it over the admin API"))?;
        if worker.fingerprint() != self.fingerprint {
            return Err(unavailable("its file has changed; initialise the tier again"));
        }
        Ok(worker)
    }
}

impl LanguageModel for Handle {
    fn name(&self) -> &str {
        &self.id
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
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
