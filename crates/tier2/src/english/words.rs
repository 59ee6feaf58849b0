//! Which part a word plays in a question: it asks, it holds the sentence together, or it says what is asked for.

/// The part of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Says what is asked for.
    Content,
    /// Asks: `who`, `where`.
    Asking,
    /// Tells who does what to whom: `by`, `did`.
    Turning,
    /// Holds the sentence together.
    Glue,
}

impl Role {
    /// What a word of this part counts when two wordings are compared.
    pub(crate) fn weight(self) -> f32 {
        match self {
            Role::Content => 1.0,
            Role::Asking | Role::Turning => 0.4,
            Role::Glue => 0.0,
        }
    }
}

/// The part of a folded word.
pub(crate) fn role(word: &str) -> Role {
    if ASKING.contains(&word) {
        Role::Asking
    } else if TURNING.contains(&word) {
        Role::Turning
    } else if word.is_empty() || GLUE.contains(&word) {
        Role::Glue
    } else {
        Role::Content
    }
}

const ASKING: &[&str] =
    &["who", "whom", "whose", "where", "when", "why", "how", "what", "which", "whos", "whats", "wheres"];

const TURNING: &[&str] = &["by", "did", "does", "do"];

const GLUE: &[&str] = &[
    "a",
    "an",
    "the",
    "this",
    "that",
    "these",
    "those",
    "some",
    "any",
    "all",
    "each",
    "every",
    "one",
    "ones",
    "of",
    "in",
    "on",
    "at",
    "to",
    "for",
    "from",
    "with",
    "into",
    "through",
    "about",
    "as",
    "per",
    "within",
    "is",
    "are",
    "was",
    "were",
    "be",
    "been",
    "being",
    "am",
    "has",
    "have",
    "had",
    "having",
    "s",
    "t",
    "d",
    "can",
    "could",
    "would",
    "will",
    "shall",
    "should",
    "may",
    "might",
    "must",
    "i",
    "me",
    "my",
    "we",
    "us",
    "you",
    "your",
    "it",
    "its",
    "he",
    "him",
    "his",
    "she",
    "her",
    "they",
    "them",
    "their",
    "there",
    "here",
    "and",
    "or",
    "but",
    "also",
    "please",
    "just",
    "only",
    "ever",
    "now",
    "currently",
    "very",
    "tell",
    "give",
    "show",
    "list",
    "name",
    "names",
    "find",
    "say",
    "get",
    "let",
    "describe",
    "identify",
    "named",
    "called",
    "known",
    "got",
    "if",
    "whether",
    "then",
    "than",
    "so",
    "too",
    "out",
    "up",
    "down",
    "over",
    "thing",
    "things",
    "something",
    "someone",
    "anyone",
    "else",
    "exactly",
    "actually",
    "kind",
    "type",
    "sort",
    "kinds",
    "types",
    "sorts",
    "x",
];

/// Whether a word says that something is not so.
pub(crate) fn is_denial(word: &str) -> bool {
    DENIALS.contains(&word)
}

/// Whether a word asks to count, compare or exclude.
pub(crate) fn is_reckoning(word: &str) -> bool {
    let superlative = word.len() > 5 && word.ends_with("est") && !NO_SUPERLATIVE.contains(&word);
    superlative || RECKONING.contains(&word)
}

const RECKONING: &[&str] = &[
    "most", "least", "more", "less", "fewer", "fewest", "average", "total", "combined", "both", "same",
    "other", "another", "except", "without", "before", "after", "since", "until", "between", "during",
    "first", "last", "no", "than", "biggest", "best", "worst", "maximum", "minimum", "sum", "common",
];
const DENIALS: &[&str] = &[
    "not", "cannot", "isnt", "arent", "wasnt", "werent", "dont", "doesnt", "didnt", "hasnt", "havent",
    "hadnt", "cant", "couldnt", "wont", "wouldnt", "shouldnt", "mustnt", "aint", "never", "neither", "nor",
    "none", "nobody",
];
const NO_SUPERLATIVE: &[&str] =
    &["interest", "forest", "request", "harvest", "protest", "contest", "suggest"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_play_one_part_each() {
        assert_eq!(role("who"), Role::Asking);
        assert_eq!(role("by"), Role::Turning);
        assert_eq!(role("the"), Role::Glue);
        assert_eq!(role("capital"), Role::Content);
    }
}
