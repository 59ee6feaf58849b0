//! Cuts a text into words that keep their place in it.

use std::ops::Range;

use find_facts_tier1::normalise::fold;

use super::stem::{Stem, stem};
use super::words::{Role, role};

/// A word of a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    /// Where it stands in the text, in bytes.
    pub(crate) at: Range<usize>,
    /// As it is compared.
    pub(crate) folded: String,
    /// Its stem.
    pub(crate) stem: Stem,
    /// The part it plays.
    pub(crate) role: Role,
    /// Whether it begins with a capital or a digit.
    pub(crate) capital: bool,
}

impl Token {
    /// The same place with another word.
    pub(crate) fn replaced(&self, word: &str) -> Self {
        Self { folded: word.to_owned(), stem: stem(word), role: role(word), ..self.clone() }
    }
}

/// The words of a text. A possessive `'s` is a word of its own; marks at the edges of words are none.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut from = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_whitespace(), from) {
            (false, None) => from = Some(at),
            (true, Some(start)) => {
                add(text, start..at, &mut found);
                from = None;
            }
            _ => {}
        }
    }
    found
}

fn add(text: &str, at: Range<usize>, found: &mut Vec<Token>) {
    let word = &text[at.clone()];
    let trimmed = word.trim_end_matches(['?', '.', ',', '!', ';', ':', '"', '”', '»']);
    let begun = trimmed.trim_start_matches(['"', '“', '«', '¿']);
    let start = at.start + trimmed.len() - begun.len();
    let (head, tail) = possessive(begun);
    for piece in [start..start + head.len(), start + head.len()..start + head.len() + tail.len()] {
        if !piece.is_empty() {
            let raw = &text[piece.clone()];
            let folded = fold(raw);
            let capital = raw.chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric());
            found.push(Token { at: piece, stem: stem(&folded), role: role(&folded), folded, capital });
        }
    }
}

fn possessive(word: &str) -> (&str, &str) {
    let ends = ["'s", "’s", "'", "’"];
    let cut = ends.iter().find_map(|end| word.strip_suffix(end)).filter(|head| !head.is_empty());
    cut.map_or((word, ""), |head| word.split_at(head.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = tokens(text).into_iter().map(|token| &text[token.at]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn words_lose_the_marks_at_their_edges() {
        check("Where was \"Ada\" born?", &["Where", "was", "Ada", "born"]);
        check("  ", &[]);
        check("C++, please!", &["C++", "please"]);
    }

    #[test]
    fn a_possessive_is_a_word_of_its_own() {
        check("Ada's mother's name", &["Ada", "'s", "mother", "'s", "name"]);
        check("the Beatles’ label", &["the", "Beatles", "’", "label"]);
    }
}
