//! What a language model is worth: how often it was asked, what came of it, and how long it took.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;
use find_facts_core::{Deadline, EngineError, LanguageModel, Likelihood, Prompt};
use find_facts_engine_llama::{Llama, LlamaOptions};

/// A language model that notes how long each of its answers took.
pub(crate) struct Asked {
    model: Llama,
    times: Mutex<Vec<Duration>>,
}

impl Asked {
    /// The model of a GGUF file, with as many threads as there are cores where that pays.
    pub(crate) fn load(file: &Path) -> Result<Self> {
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let model = Llama::load(&LlamaOptions { name, file: file.to_owned(), threads })?;
        Ok(Self { model, times: Mutex::default() })
    }

    /// The times since the last call.
    pub(crate) fn take_times(&self) -> Vec<Duration> {
        self.times.lock().map(|mut times| std::mem::take(&mut *times)).unwrap_or_default()
    }

    fn timed<T>(&self, work: impl FnOnce(&Llama) -> T) -> T {
        let begun = Instant::now();
        let result = work(&self.model);
        if let Ok(mut times) = self.times.lock() {
            times.push(begun.elapsed());
        }
        result
    }
}

impl LanguageModel for Asked {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn fingerprint(&self) -> &str {
        self.model.fingerprint()
    }

    fn score(
        &self,
        prompt: &Prompt<'_>,
        continuations: &[&str],
        deadline: &Deadline,
    ) -> Result<Vec<Likelihood>, EngineError> {
        self.timed(|model| model.score(prompt, continuations, deadline))
    }

    fn generate(
        &self,
        prompt: &Prompt<'_>,
        grammar: &str,
        most: usize,
        deadline: &Deadline,
    ) -> Result<String, EngineError> {
        self.timed(|model| model.generate(prompt, grammar, most, deadline))
    }
}

/// Of the rows for which a model was asked: how many, and how many were right without it and with it.
#[derive(Default)]
pub(crate) struct Worth {
    pub(crate) rows: usize,
    /// Those that nothing would be answered to.
    pub(crate) unanswered: Open,
    /// Those that would be answered, with a relation that another is as likely as.
    pub(crate) rivals: Open,
    pub(crate) times: Vec<Duration>,
}

/// Rows of one kind that words and vectors leave open.
#[derive(Default)]
pub(crate) struct Open {
    pub(crate) asked: usize,
    pub(crate) changed: usize,
    pub(crate) right_before: usize,
    pub(crate) right_after: usize,
}

impl Worth {
    pub(crate) fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.unanswered.merge(&other.unanswered);
        self.rivals.merge(&other.rivals);
        self.times.extend(other.times);
    }
}

impl Open {
    fn merge(&mut self, other: &Self) {
        self.asked += other.asked;
        self.changed += other.changed;
        self.right_before += other.right_before;
        self.right_after += other.right_after;
    }
}

impl std::fmt::Display for Worth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut times = self.times.clone();
        times.sort();
        let at = |share: f64| {
            let last = times.len().saturating_sub(1);
            let at = ((times.len() as f64 * share) as usize).min(last);
            times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
        };
        let Self { rows, unanswered, rivals, .. } = self;
        write!(
            f,
            "of {rows} rows: unanswered {unanswered}; rivals {rivals}; p50 {:.1} ms p95 {:.1} ms",
            at(0.5),
            at(0.95)
        )
    }
}

impl std::fmt::Display for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { asked, changed, right_before, right_after } = self;
        write!(f, "{asked} asked, {changed} changed, {right_before} right before, {right_after} after")
    }
}
