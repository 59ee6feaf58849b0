//! What Tier 2 is made of, what is heard while it is made, and why it could not be made.

use std::path::PathBuf;
use std::sync::Arc;

use find_facts_core::{Embedder, EngineError, LanguageModel, StoreError};
use find_facts_tier1::Tier1;

use crate::config::Tier2Config;
pub use crate::vectors::{VectorsRefused, VectorsUnsaved};

/// What Tier 2 is made of.
#[derive(Clone)]
pub struct Setup {
    /// Its parameters.
    pub config: Tier2Config,
    /// Entity linking over the same knowledge base.
    pub tier1: Arc<Tier1>,
    /// The model for wordings; without one, they are compared by their words alone.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// The model that chooses between relations that are as likely; without one, the first of them is as good as any.
    pub language_model: Option<Arc<dyn LanguageModel>>,
    /// The file that keeps the vectors of wordings; without one they are made at every start.
    pub vectors: Option<PathBuf>,
}

/// How far a long step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many are done.
    pub done: usize,
    /// Of how many.
    pub total: usize,
}

/// Something that happened while Tier 2 was made.
#[derive(Debug)]
pub enum SetupEvent {
    /// Relations can be found by the words of their wordings.
    Indexed {
        /// How many relations there are.
        relations: usize,
        /// How many wordings they have.
        wordings: usize,
    },
    /// Stored vectors cannot be used and are made anew.
    VectorsRefused(VectorsRefused),
    /// The vectors are in memory alone, because they could not be saved; the next build makes them anew.
    VectorsUnsaved(VectorsUnsaved),
    /// So many wordings have a vector.
    Embedding(Progress),
}

/// Why Tier 2 could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The relations could not be read.
    #[error("the relations of the knowledge base could not be read")]
    Store(#[from] StoreError),
    /// The wordings could not be embedded.
    #[error("the wordings of the relations could not be embedded")]
    Engine(#[from] EngineError),
    /// The model returned fewer vectors than it was given texts.
    #[error("the model made fewer vectors than it was given wordings")]
    TooFewVectors,
}
