//! Answers by query, each for one version of the knowledge base: an answer of an older version is never found again.

use std::sync::Arc;

use find_facts_core::{FindQuery, FinderAnswer, KbVersion, Mode, Parts};
use quick_cache::sync::Cache;

/// Everything that an answer depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    parts: Parts,
    text: Option<Arc<str>>,
    mode: Mode,
    limit: usize,
    /// Bits of the confidence asked for; a float has no hash.
    min_confidence: Option<u32>,
    store: KbVersion,
}

impl Key {
    /// The key of a query; none for one that is not to be remembered, or hides names, because it is asked once.
    pub(crate) fn of(query: &FindQuery, store: KbVersion) -> Option<Self> {
        (query.remember && query.without.is_empty()).then(|| Self {
            parts: query.parts.clone(),
            text: query.text.clone(),
            mode: query.mode,
            limit: query.limit,
            min_confidence: query.min_confidence.map(f32::to_bits),
            store,
        })
    }
}

/// The answers given lately.
pub(crate) struct Answers(Cache<Key, Arc<FinderAnswer>>);

impl Answers {
    /// Room for this many.
    pub(crate) fn new(size: usize) -> Self {
        Self(Cache::new(size.max(1)))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// The answer of an equal query.
    pub(crate) fn get(&self, key: &Key) -> Option<FinderAnswer> {
        self.0.get(key).map(|answer| FinderAnswer { cache_hit: true, ..(*answer).clone() })
    }

    /// Keeps an answer.
    pub(crate) fn put(&self, key: Key, answer: &FinderAnswer) {
        self.0.insert(key, Arc::new(answer.clone()));
    }
}
