//! What a tier needs of a model. Implementations block the calling thread and mind the deadline.

use crate::clock::{Deadline, DeadlineExceeded};

/// Turns texts into vectors of unit length.
pub trait Embedder: Send + Sync {
    /// The name shown to clients in `models`.
    fn name(&self) -> &str;

    /// Changes whenever the vectors may: weights, tokenizer, pooling, batch policy. Stored vectors with another fingerprint are not used.
    fn fingerprint(&self) -> &str;

    /// The length of every vector.
    fn dimensions(&self) -> usize;

    /// One vector per text, in order.
    fn embed(&self, texts: &[&str], deadline: &Deadline) -> Result<Vec<Vec<f32>>, EngineError>;
}

/// Reads and writes text. Work for a deadline that has passed, or whose caller has gone, stops within one step of the model.
pub trait LanguageModel: Send + Sync {
    /// The name shown to clients in `models`.
    fn name(&self) -> &str;

    /// Changes whenever what the model says may: weights, tokenizer, chat template, engine. Stored answers of another fingerprint are not used.
    fn fingerprint(&self) -> &str;

    /// How likely each continuation is to follow the prompt, in order. What prompts have in common at their beginning is read once.
    fn score(
        &self,
        prompt: &Prompt<'_>,
        continuations: &[&str],
        deadline: &Deadline,
    ) -> Result<Vec<Likelihood>, EngineError>;

    /// Writes at most `most` tokens after the prompt, each of which the grammar (Lark, as llguidance reads it) allows. A text
    /// that was cut off at `most` need not be whole: callers look at it again.
    fn generate(
        &self,
        prompt: &Prompt<'_>,
        grammar: &str,
        most: usize,
        deadline: &Deadline,
    ) -> Result<String, EngineError>;
}

/// One exchange with a model that was taught to chat; the engine puts it in the form that the model was taught.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Prompt<'a> {
    /// What the model is to do. Keep it the same over many prompts: it is read once.
    pub system: &'a str,
    /// What is asked.
    pub user: &'a str,
    /// How the model's reply begins; what is scored or written follows it.
    pub reply: &'a str,
}

/// What a model thinks of one continuation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likelihood {
    /// Natural logarithm of the probability of the whole continuation.
    pub log_probability: f32,
    /// How many tokens it has.
    pub tokens: u32,
}

/// Why a model gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Not in time, or nobody waits any more.
    #[error(transparent)]
    Deadline(#[from] DeadlineExceeded),
    /// The engine is there but can take no more work now.
    #[error("the engine `{engine}` is overloaded")]
    Overloaded {
        /// Which engine.
        engine: String,
    },
    /// The engine is not there: a library is missing, a file is bad, a worker has died.
    #[error("the engine `{engine}` is not available: {reason}")]
    Unavailable {
        /// Which engine.
        engine: String,
        /// What is missing and how to get it.
        reason: String,
    },
    /// The engine failed on this input.
    #[error("the engine `{engine}` failed")]
    Failed {
        /// Which engine.
        engine: String,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
