//! The seam between the service and a tier: query and context in, answer or error out.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::{Deadline, DeadlineExceeded};
use crate::engine::EngineError;
use crate::fact::{Fact, Part, Parts};
use crate::store::{Direction, FactStore, StoreError};
use crate::tier::{Mode, Tier};

/// A tier. It formats no response, reads no flag and knows nothing of rollouts.
pub trait FactFinder: Send + Sync {
    /// Which tier this is.
    fn tier(&self) -> Tier;

    /// Answers from the version of the knowledge base that `store` shows, however much newer the live one is.
    fn find(
        &self,
        query: &FindQuery,
        store: &Arc<dyn FactStore>,
        deadline: &Deadline,
    ) -> Result<FinderAnswer, FinderError>;
}

/// What is asked of a tier.
#[derive(Debug, Clone, PartialEq)]
pub struct FindQuery {
    /// The parts given; empty for a plain question.
    pub parts: Parts,
    /// A plain question, instead of parts.
    pub text: Option<Arc<str>>,
    /// The mode to answer in.
    pub mode: Mode,
    /// At most this many facts.
    pub limit: usize,
    /// Nothing below this confidence; the tier's own threshold where `None`.
    pub min_confidence: Option<f32>,
    /// What to act as if the knowledge base did not know.
    pub without: Without,
    /// Whether answers of before may be used, and this one kept for later.
    pub remember: bool,
}

/// Names hidden for one request, so that a suite can ask "would it have been found?".
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Without {
    /// Aliases to act as if unknown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Arc<str>>,
    /// Entities to act as if absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Arc<str>>,
    /// Known wordings of predicates to act as if unknown; a predicate's own name always stays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wordings: Vec<Arc<str>>,
}

impl Without {
    /// Whether nothing is hidden.
    pub fn is_empty(&self) -> bool {
        self.aliases.is_empty() && self.entities.is_empty() && self.wordings.is_empty()
    }
}

/// What a tier found. Without facts it found nothing, which is an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FinderAnswer {
    /// Facts, best first, at most the query's limit.
    pub facts: Vec<RankedFact>,
    /// How the parts given were understood.
    pub linked: Vec<Link>,
    /// How wordings of relations were understood.
    pub expanded: Vec<Expansion>,
    /// What answers a question, as texts, best first, at most 100.
    pub answers: Vec<Arc<str>>,
    /// What is missing for a whole answer.
    pub gap: Option<Arc<str>>,
    /// Whether the answer came from the tier's cache.
    pub cache_hit: bool,
    /// Names of the models that took part in computing it.
    pub models: Vec<Arc<str>>,
}

/// A fact with the tier's confidence that it answers the query.
#[derive(Debug, Clone, PartialEq)]
pub struct RankedFact {
    /// The fact.
    pub fact: Fact,
    /// Probability between 0 and 1.
    pub confidence: f32,
}

/// A mention that was taken for an entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// In which part it stood.
    pub part: Part,
    /// What was given.
    pub given: Arc<str>,
    /// What it was taken for.
    pub entity: Arc<str>,
    /// Calibrated probability that this is right.
    pub confidence: f32,
    /// What made the match.
    pub by: LinkMeans,
}

/// By which means a mention was linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkMeans {
    /// The name itself, character for character.
    Exact,
    /// The name, but for case, diacritics, punctuation or compatibility forms.
    Normalized,
    /// An alias of the knowledge base.
    Alias,
    /// A name or alias at a small edit distance.
    Edit,
    /// Initials, acronym or a contraction.
    Abbreviation,
    /// A standard code of general knowledge, such as a country's.
    Code,
    /// The same words in another order, or a part of a name.
    Words,
    /// Shared character n-grams.
    Ngram,
    /// Neighbouring vectors.
    Embedding,
}

/// A wording that was taken for a relation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expansion {
    /// What was given; of a question, its words without the mentions.
    pub given: Arc<str>,
    /// The relation's name in the facts.
    pub predicate: Arc<str>,
    /// In which direction it is followed from the entity that was given.
    pub direction: Direction,
    /// Calibrated probability that this is right.
    pub confidence: f32,
    /// What made the match.
    pub by: ExpansionMeans,
}

/// By which means a wording was taken for a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpansionMeans {
    /// The relation's name or a wording that the knowledge base knows, but for case and punctuation.
    Wording,
    /// Words in common with the relation's name or a known wording.
    Lexical,
    /// Neighbouring vectors.
    Embedding,
    /// The choice of a language model among the knowledge base's relations.
    LanguageModel,
}

/// Why a tier gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum FinderError {
    /// Not in time.
    #[error(transparent)]
    Deadline(#[from] DeadlineExceeded),
    /// The tier is not ready to answer.
    #[error("the tier is not ready: {0}")]
    NotReady(String),
    /// A model failed it.
    #[error("a model failed")]
    Engine(#[source] EngineError),
    /// The store failed it.
    #[error("the knowledge base failed")]
    Store(#[source] StoreError),
}

impl From<EngineError> for FinderError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Deadline(deadline) => Self::Deadline(deadline),
            other => Self::Engine(other),
        }
    }
}

impl From<StoreError> for FinderError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Deadline(deadline) => Self::Deadline(deadline),
            other => Self::Store(other),
        }
    }
}
