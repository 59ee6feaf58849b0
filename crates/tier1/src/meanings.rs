//! What the words that only one of two texts has mean: a synonym covers a word as its inflected form does, an opposite speaks against it.

use std::sync::Arc;

use crate::covering::{Covering, share};
use crate::senses::{self, Relation, Word};
use crate::words::Words;

/// What the words of two texts mean beside each other.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Meanings {
    /// The share of the first text's words, by their worth, that the second covers if synonyms do.
    pub of_first: f32,
    /// Of the second's that the first covers.
    pub of_second: f32,
    /// Whether a word has a synonym in the other text.
    pub synonym: bool,
    /// Whether words that only one of the texts has are kinds of one thing.
    pub sibling: bool,
    /// Whether they are opposite.
    pub opposite: bool,
    /// Whether one is a kind of the other.
    pub above: bool,
    /// Whether all words that only the first text has are known, and there are any.
    pub known: bool,
}

/// Compares what two folded texts mean whose words cover each other as `forms` says.
pub(crate) fn meanings(a: &[&str], b: &[&str], forms: &Covering, words: &Words) -> Meanings {
    let mut found = Meanings { of_first: forms.of_first, of_second: forms.of_second, ..Meanings::default() };
    let [first, second] = &forms.covered;
    let ours = alone(a, first);
    found.known = !ours.is_empty() && ours.iter().all(|(_, word)| word.is_known());
    let theirs = if ours.is_empty() { Vec::new() } else { alone(b, second) };
    let mut synonyms = Vec::new();
    for (here, word) in &ours {
        for (there, other) in &theirs {
            match word.relation(other) {
                Some(Relation::Synonym) => synonyms.push((*here, *there)),
                Some(Relation::Opposite) => found.opposite = true,
                Some(Relation::Sibling) => found.sibling = true,
                Some(Relation::Above) => found.above = true,
                None => {}
            }
        }
    }
    if !synonyms.is_empty() {
        found.synonym = true;
        let (mut first, mut second) = (first.clone(), second.clone());
        for (here, there) in synonyms {
            first[here] = true;
            second[there] = true;
        }
        (found.of_first, found.of_second) = (share(a, &first, words), share(b, &second, words));
    }
    found
}

/// The words that the other text does not cover, with their places and senses.
fn alone(text: &[&str], covered: &[bool]) -> Vec<(usize, Arc<Word>)> {
    let places = (0..text.len()).filter(|place| !covered[*place]);
    places.map(|place| (place, senses::of(text[place]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::covering::covering;

    fn found(first: &str, second: &str) -> Meanings {
        let (first, second): (Vec<&str>, Vec<&str>) =
            (first.split(' ').collect(), second.split(' ').collect());
        let words = Words::build(&[]);
        meanings(&first, &second, &covering(&first, &second, &words), &words)
    }

    #[test]
    fn a_synonym_covers_its_word() {
        let found = found("missing teeth", "absent teeth");
        assert!(found.synonym && !found.opposite && found.of_first > 0.999 && found.of_second > 0.999);
    }

    #[test]
    fn an_opposite_and_one_of_its_kind_do_not() {
        let opposite = found("anterior lobe", "posterior lobe");
        assert!(opposite.opposite && !opposite.synonym && opposite.of_first < 0.6);
        let sibling = found("maxillary teeth", "mandibular teeth");
        assert!(sibling.sibling && sibling.of_second < 0.6);
    }

    #[test]
    fn what_no_dictionary_has_is_unknown() {
        assert!(found("anterior lobe", "posterior lobe").known);
        assert!(!found("acapulko lobe", "posterior lobe").known);
        assert!(!found("lobe", "posterior lobe").known);
    }
}
