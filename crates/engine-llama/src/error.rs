//! Why a language model could not be loaded, and what to do about it.

use std::path::PathBuf;
use std::time::Duration;

pub use crate::gguf::Fault;

/// Why a model did not load.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file is not what it should be; llama.cpp has not seen it.
    #[error("the model file `{}` cannot be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Fault,
    },
    /// llama.cpp refused the file.
    #[error("llama.cpp cannot load `{}`: {reason}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What llama.cpp said.
        reason: String,
    },
    /// The model loads, but is not one that this engine can use.
    #[error("the model `{}` cannot be used: {reason}", path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// llama.cpp was compiled for processors that can do more.
    #[error("this processor lacks {missing}, which the language model engine was compiled for")]
    Processor {
        /// The instruction sets.
        missing: String,
    },
    /// llama.cpp cannot be started in this process.
    #[error("llama.cpp cannot start: {0}")]
    Engine(String),
    /// The worker could not be started.
    #[error("the worker `{}` cannot be started", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The worker said why it could not load the model.
    #[error("the worker cannot load the model: {0}")]
    Worker(String),
    /// The worker ended while it loaded the model.
    #[error("the worker of `{}` ended while it loaded the model: {how}", path.display())]
    Died {
        /// The model.
        path: PathBuf,
        /// Its exit status, and the last that it said.
        how: String,
    },
    /// The file is not the one that the last worker had loaded.
    #[error("the model file `{}` has changed since it was loaded", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The worker did not load the model in time.
    #[error("`{}` was not loaded within {}", path.display(), seconds(limit))]
    TooSlow {
        /// The model.
        path: PathBuf,
        /// The limit.
        limit: Duration,
    },
}

fn seconds(limit: &Duration) -> String {
    format!("{} s", limit.as_secs_f64())
}

impl LoadError {
    /// What the operator can do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::File { .. } | Self::Refused { .. } | Self::Worker(_) | Self::Died { .. } => {
                "`deployctl models verify` holds the file against the catalogue; `deployctl models pull` brings it anew"
            }
            Self::Changed { .. } => "unload the model, load it again, and initialise its tier again",
            Self::Unfit { .. } => "choose a model of the catalogue",
            Self::Processor { .. } => "build it on this machine with RUSTFLAGS='-C target-cpu=native'",
            Self::TooSlow { .. } => "set MODEL_LOADING_TIMEOUT_SEC higher, or choose a smaller model",
            Self::Engine(_) | Self::Start { .. } => "the log says more",
        }
    }
}

/// An error with its sources, for a message that leaves the process or ends in a text.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(error.source(), |error| error.source());
    std::iter::once(error.to_string()).chain(sources.map(ToString::to_string)).collect::<Vec<_>>().join(": ")
}
