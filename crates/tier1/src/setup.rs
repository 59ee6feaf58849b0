//! What Tier 1 is made of, what is heard while it is made, and why it could not be made.

use std::path::PathBuf;
use std::sync::Arc;

use find_facts_core::Embedder;

use crate::config::Tier1Config;
use crate::segment::IndexError;
use crate::vectors::{BuildError, Progress, VectorFileError};

/// What Tier 1 is made of.
#[derive(Clone, Default)]
pub struct Setup {
    /// Its parameters.
    pub config: Tier1Config,
    /// The model for names; without one, linking goes by letters and words alone.
    pub embedder: Option<Arc<dyn Embedder>>,
    /// The file that keeps the vectors of names; without one they are made at every start.
    pub vectors: Option<PathBuf>,
}

/// Something that happened while Tier 1 was made.
#[derive(Debug)]
pub enum SetupEvent {
    /// Names can be linked by letters and words.
    Indexed {
        /// How many names there are.
        names: usize,
    },
    /// Stored vectors cannot be used and are made anew.
    VectorsRefused(VectorFileError),
    /// The vectors are in memory alone, because they could not be saved; the next build makes them anew.
    VectorsUnsaved(VectorFileError),
    /// So many names have a vector.
    Embedding(Progress),
}

/// Why Tier 1 could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The names could not be indexed.
    #[error("the names of the knowledge base could not be indexed")]
    Index(#[from] IndexError),
    /// Their vectors could not be made.
    #[error("the vectors of the names could not be made")]
    Vectors(#[from] BuildError),
}
