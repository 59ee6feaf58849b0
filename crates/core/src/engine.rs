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
