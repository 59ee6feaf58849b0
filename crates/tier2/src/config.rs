//! How Tier 2 is set up.

/// Parameters of semantic expansion.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier2Config {
    /// Nothing is answered below this confidence, unless a query brings its own.
    pub min_confidence: f32,
    /// How many answers the cache holds; as many masked questions are kept beside them.
    pub cache_size: usize,
    /// How many entities are considered for a mention.
    pub candidates: usize,
    /// The least cosine at which two wordings count as similar.
    pub similarity: f32,
    /// What takes part.
    pub parts: Ingredients,
}

impl Default for Tier2Config {
    fn default() -> Self {
        Self {
            min_confidence: 0.4,
            cache_size: 50_000,
            candidates: 8,
            similarity: 0.4,
            parts: Ingredients::default(),
        }
    }
}

/// The ingredients of semantic expansion. All take part, but in an ablation, which shows what each is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ingredients {
    /// Words that a wording shares with a relation's.
    pub lexical: bool,
    /// Wordings near in meaning.
    pub embedding: bool,
    /// What was found for a masked question serves every question that is the same but for its mention.
    pub templates: bool,
    /// The language model's choice where the others leave two relations open.
    pub language_model: bool,
}

impl Default for Ingredients {
    fn default() -> Self {
        Self { lexical: true, embedding: true, templates: true, language_model: true }
    }
}
