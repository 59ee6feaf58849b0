//! How Tier 1 is set up. The defaults are those of the specification's Phase 2, but for `similarity`:
//! docs/design-decisions/tier1-linking.md tells why.

/// Parameters of entity linking.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier1Config {
    /// Nothing is answered below this confidence, unless a query brings its own.
    pub min_confidence: f32,
    /// How many answers the cache holds.
    pub cache_size: usize,
    /// How many entities are considered for a mention after ranking.
    pub candidates: usize,
    /// The least cosine at which a name becomes a candidate for its vector alone.
    pub similarity: f32,
    /// What takes part.
    pub parts: Ingredients,
}

impl Default for Tier1Config {
    fn default() -> Self {
        Self {
            min_confidence: 0.7,
            cache_size: 50_000,
            candidates: 5,
            similarity: 0.4,
            parts: Ingredients::default(),
        }
    }
}

/// The ingredients of linking. All take part, but in an ablation, which shows what each is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ingredients {
    /// Candidates by likeness of letters, words and initials; without it only whole names and vectors bring any.
    pub lexical: bool,
    /// Candidates and cosines from vectors.
    pub embedding: bool,
    /// The query's other parts in the ranking.
    pub context: bool,
    /// Standard codes.
    pub codes: bool,
}

impl Default for Ingredients {
    fn default() -> Self {
        Self { lexical: true, embedding: true, context: true, codes: true }
    }
}
