//! How well the words of two texts cover each other, where a word may be inflected or spelled otherwise, and where initials may
//! stand for a run of words: `NLP format` and `Natural language processing format` cover each other wholly.

use crate::slip;
use crate::words::Words;

/// The longest run of words that one word's letters may stand for.
const LONGEST_RUN: usize = 6;
/// Words from this length on may differ by one edit.
const LONG: usize = 5;
/// Words share at least this beginning, and three quarters of the shorter one, when they are forms of one word.
const SHORTEST_STEM: usize = 4;

/// Shares of the words' worth, 0 to 1, and what else the words have in common.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Covering {
    /// Of the first text's words that the second covers.
    pub of_first: f32,
    /// Of the second's that the first covers.
    pub of_second: f32,
    /// Whether initials on one side stand for a run of words on the other.
    pub contracted: bool,
    /// Whether the last words are akin; in English names the last says what kind of thing it is.
    pub same_head: bool,
    /// Which words of the first text and of the second are covered.
    pub covered: [Vec<bool>; 2],
}

/// Compares the words of two folded texts.
pub(crate) fn covering(a: &[&str], b: &[&str], words: &Words) -> Covering {
    let mut covered = (vec![false; a.len()], vec![false; b.len()]);
    for (at, word) in a.iter().enumerate() {
        for place in (0..b.len()).filter(|place| akin(word, b[*place])) {
            covered.0[at] = true;
            covered.1[place] = true;
        }
    }
    let here = contract(a, b, &mut covered.0, &mut covered.1);
    let there = contract(b, a, &mut covered.1, &mut covered.0);
    Covering {
        of_first: share(a, &covered.0, words),
        of_second: share(b, &covered.1, words),
        contracted: here || there,
        same_head: a.last().zip(b.last()).is_some_and(|(x, y)| akin(x, y)),
        covered: [covered.0, covered.1],
    }
}

/// Marks the words of `short` that are the initials of a run of words of `long`, and that run.
fn contract(short: &[&str], long: &[&str], in_short: &mut [bool], in_long: &mut [bool]) -> bool {
    let mut any = false;
    for (at, word) in short.iter().enumerate() {
        if in_short[at] || !(2..=LONGEST_RUN).contains(&word.len()) {
            continue;
        }
        let is_run = |run: &&[&str]| run.iter().map(|long| long.bytes().next()).eq(word.bytes().map(Some));
        let Some(from) = long.windows(word.len()).position(|run| is_run(&run)) else { continue };
        in_short[at] = true;
        in_long[from..from + word.len()].fill(true);
        any = true;
    }
    any
}

/// Whether two words are forms or spellings of one.
fn akin(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let shorter = a.len().min(b.len());
    let start = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let stem = shorter >= SHORTEST_STEM && start >= SHORTEST_STEM && start * 4 >= shorter * 3;
    stem || shorter >= LONG && slip::between(a, b).is_some()
}

/// Which share of the worth of words is covered.
pub(crate) fn share(words: &[&str], covered: &[bool], worth: &Words) -> f32 {
    let (mut all, mut found) = (0.0, 0.0);
    for (word, covered) in words.iter().zip(covered) {
        let worth = worth.worth_of(word);
        all += worth;
        if *covered {
            found += worth;
        }
    }
    found / f32::max(all, 0.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(first: &str, second: &str) -> Covering {
        let (first, second): (Vec<&str>, Vec<&str>) =
            (first.split(' ').collect(), second.split(' ').collect());
        covering(&first, &second, &Words::build(&[]))
    }

    fn check(first: &str, second: &str, contracted: bool, covered: (bool, bool)) {
        let found = found(first, second);
        assert_eq!(found.contracted, contracted, "{first} / {second}");
        assert_eq!((found.of_first > 0.999, found.of_second > 0.999), covered, "{first} / {second}");
    }

    #[test]
    fn initials_stand_for_a_run_of_words_on_either_side() {
        check("nlp format", "natural language processing format", true, (true, true));
        check("copy number variation detection", "cnv detection", true, (true, true));
        check("nlp format", "natural processing language format", false, (false, false));
    }

    #[test]
    fn forms_and_spellings_of_a_word_are_akin() {
        check("protein sequences", "protein sequence", false, (true, true));
        check("biological chemistry", "biology", false, (false, true));
        check("tumour growth", "tumor growth", false, (true, true));
        check("gene map", "gene mass", false, (false, false));
    }

    #[test]
    fn a_text_that_folds_to_nothing_keeps_its_spaces_and_is_compared_all_the_same() {
        check("???", "? ?  ?", false, (false, false));
    }

    #[test]
    fn the_last_word_is_the_head() {
        assert!(found("sequence report", "protein reports").same_head);
        assert!(!found("sequence report", "report sequence").same_head);
    }
}
