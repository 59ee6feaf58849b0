//! What parent and worker say to each other. Both are the same program, so that the version differs only where somebody
//! executes another one by hand.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use find_facts_core::{EngineError, Likelihood, Prompt};
use serde::{Deserialize, Serialize};

use crate::engine::Pace;
use crate::llama::LlamaOptions;

/// Raised with every change below.
pub(super) const VERSION: u32 = 1;

/// From the parent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum ToWorker {
    /// First, and once.
    Load { version: u32, name: String, file: PathBuf, threads: NonZeroUsize, memory: u64 },
    /// A call; answered once.
    Call { call: u64, prompt: OwnedPrompt, ask: Ask, left_micros: Option<u64> },
    /// Nobody waits for a call any more. It is answered all the same.
    Cancel { call: u64 },
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Ask {
    Score { continuations: Vec<String> },
    Write { grammar: String, most: usize },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnedPrompt {
    pub(super) system: String,
    pub(super) user: String,
    pub(super) reply: String,
}

/// From the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum FromWorker {
    /// Its first word, before anything is loaded.
    Hello { version: u32 },
    /// The model is there.
    Loaded { fingerprint: String, pace: Option<Pace> },
    /// The model cannot be loaded; the worker ends.
    NotLoaded { reason: String },
    /// What came of a call.
    Answer { call: u64, outcome: Outcome },
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Outcome {
    /// Logarithm of the probability, as bits (JSON has no infinity), and number of tokens.
    Scored(Vec<(u32, u32)>),
    Wrote(String),
    Late,
    Overloaded,
    Unavailable(String),
    Failed(String),
}

impl From<Prompt<'_>> for OwnedPrompt {
    fn from(prompt: Prompt<'_>) -> Self {
        Self {
            system: prompt.system.to_owned(),
            user: prompt.user.to_owned(),
            reply: prompt.reply.to_owned(),
        }
    }
}

impl OwnedPrompt {
    pub(super) fn as_prompt(&self) -> Prompt<'_> {
        Prompt { system: &self.system, user: &self.user, reply: &self.reply }
    }
}

impl ToWorker {
    pub(super) fn load(options: &LlamaOptions, memory: u64) -> Self {
        Self::Load {
            version: VERSION,
            name: options.name.clone(),
            file: options.file.clone(),
            threads: options.threads,
            memory,
        }
    }
}

impl Outcome {
    pub(super) fn scored(result: Result<Vec<Likelihood>, EngineError>) -> Self {
        let pair = |likelihood: Likelihood| (likelihood.log_probability.to_bits(), likelihood.tokens);
        result.map_or_else(Self::from, |scores| Self::Scored(scores.into_iter().map(pair).collect()))
    }

    pub(super) fn wrote(result: Result<String, EngineError>) -> Self {
        result.map_or_else(Self::from, Self::Wrote)
    }
}

impl From<EngineError> for Outcome {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Deadline(_) => Self::Late,
            EngineError::Overloaded { .. } => Self::Overloaded,
            EngineError::Unavailable { reason, .. } => Self::Unavailable(reason),
            EngineError::Failed { source, .. } => Self::Failed(source.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likelihoods_arrive_bit_for_bit() {
        let values = [0.0, -0.1, -12.345_678, f32::NEG_INFINITY, f32::MIN_POSITIVE];
        let scores = values.map(|log_probability| Likelihood { log_probability, tokens: 3 }).to_vec();
        let sent = serde_json::to_vec(&Outcome::scored(Ok(scores))).unwrap();
        let Outcome::Scored(received) = serde_json::from_slice(&sent).unwrap() else { panic!("{sent:?}") };
        let received: Vec<u32> = received.into_iter().map(|(bits, _)| bits).collect();
        assert_eq!(received, values.map(f32::to_bits));
    }
}
