//! Words that mean what a word of the relations' table means: `synonyms.txt`, from WordNet.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::english::{Stem, stem};

static SYNONYMS: LazyLock<FxHashMap<Stem, Vec<&'static str>>> = LazyLock::new(|| {
    let mut synonyms: FxHashMap<Stem, Vec<&'static str>> = FxHashMap::default();
    let lines = include_str!("synonyms.txt").lines().filter(|line| !line.starts_with('#'));
    for (word, others) in lines.filter_map(|line| line.split_once(' ')) {
        synonyms.entry(stem(word)).or_default().extend(others.split(' '));
    }
    synonyms
});

/// Words of the relations' table that a word may stand for, the likeliest first.
pub(crate) fn synonyms_of(word: Stem) -> &'static [&'static str] {
    SYNONYMS.get(&word).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_no_relation_has_stands_for_one_that_some_has() {
        assert!(synonyms_of(stem("sobriquet")).contains(&"nickname"));
        assert!(synonyms_of(stem("devised")).contains(&"invent"));
        assert!(synonyms_of(stem("capital")).is_empty());
    }
}
