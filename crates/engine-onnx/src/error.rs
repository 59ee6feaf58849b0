//! Why the embedder could not be loaded, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why [`crate::MiniLm::load`] failed.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The ONNX Runtime library is not where it should be.
    #[error("the ONNX Runtime library `{}` is missing", path.display())]
    RuntimeMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There is a file, but it is no ONNX Runtime, or one of a version that is too old.
    #[error("the ONNX Runtime library `{}` cannot be used", path.display())]
    RuntimeMismatch {
        /// The library.
        path: PathBuf,
        /// What the loader said; names the version found and the one wanted.
        #[source]
        source: ort::LoadDynamicError,
    },
    /// The end of the library's file is missing: a copy or a download of it was interrupted.
    #[error(
        "the ONNX Runtime library `{}` is cut short: it has {length} of at least {announced} bytes",
        path.display()
    )]
    RuntimeCutShort {
        /// The library.
        path: PathBuf,
        /// The bytes that are there.
        length: u64,
        /// The bytes of which its header speaks.
        announced: u64,
    },
    /// A file of the model cannot be read.
    #[error("the model file `{}` cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The files can be read but are not a sentence embedder.
    #[error("the model `{}` cannot be loaded", path.display())]
    Model {
        /// The file of its weights.
        path: PathBuf,
        /// What the engine said.
        #[source]
        source: fastembed::Error,
    },
    /// The model runs, but its vectors are not MiniLM's.
    #[error("the model `{}` gives {found}; expected {expected} finite numbers", path.display())]
    NotMiniLm {
        /// The file of its weights.
        path: PathBuf,
        /// What came out for a probe text.
        found: String,
        /// What should have come out.
        expected: usize,
    },
}

impl LoadError {
    /// What the operator can do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::RuntimeMissing { .. } | Self::RuntimeMismatch { .. } | Self::RuntimeCutShort { .. } => {
                "`cargo xtask setup` or `deployctl models pull onnxruntime` installs the library this build was made for"
            }
            Self::File { .. } | Self::Model { .. } | Self::NotMiniLm { .. } => {
                "`deployctl models verify minilm` shows which file is damaged, `deployctl models pull minilm` replaces it"
            }
        }
    }
}
