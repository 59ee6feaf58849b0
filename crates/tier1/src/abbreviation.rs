//! Short forms: initials of several words, and letters picked from the name of something often mentioned.

use rustc_hash::FxHashMap;

use crate::names::{EntityRow, Name, NameKind};
use crate::postings::{Postings, key_of};

/// Letters are picked only from the names of this many entities with the most facts: nobody contracts a name that nobody knows.
const OFTEN_MENTIONED: usize = 2000;
/// The lengths of mentions that can be a short form.
pub(crate) const LENGTHS: std::ops::RangeInclusive<usize> = 2..=7;
/// Longer texts are no names that hold a short form.
const MOST_WORDS: usize = 10;
/// Words that initials usually leave out.
const SMALL: &[&str] =
    &["of", "and", "the", "for", "in", "on", "de", "la", "du", "des", "a", "an", "to", "by", "with"];

/// Short forms of a segment's names.
pub(crate) struct Abbreviations {
    initials: Postings,
    picked: Postings,
}

impl Abbreviations {
    /// Indexes the initials of names of several words, and the letters of often mentioned names.
    pub(crate) fn build(names: &[Name], entities: &[EntityRow]) -> Self {
        let often = often_mentioned(entities);
        let (mut initials, mut picked) = (Vec::new(), Vec::new());
        for (at, name) in (0u32..).zip(names).filter(|(_, name)| name.is_word()) {
            initials
                .extend(initials_of(&name.folded).into_iter().map(|short| (key_of(short.as_bytes()), at)));
            if often.contains_key(&name.entity) && name.kind != NameKind::Alias {
                picked.extend(starts_of_picks(&name.folded).into_iter().map(|key| (key, at)));
            }
        }
        Self { initials: Postings::build(initials), picked: Postings::build(picked) }
    }

    /// Adds to `found` the names of which a key can be a short form.
    pub(crate) fn near(&self, key: &str, found: &mut Vec<u32>) {
        if !LENGTHS.contains(&key.len()) {
            return;
        }
        found.extend_from_slice(self.initials.get(key_of(key.as_bytes())));
        if let [a, b, c, ..] = key.as_bytes() {
            found.extend_from_slice(self.picked.get(key_of(&[*a, *b, *c])));
        }
    }
}

fn often_mentioned(entities: &[EntityRow]) -> FxHashMap<u32, ()> {
    let mut order: Vec<u32> = (0..entities.len() as u32).collect();
    order.sort_by_key(|at| std::cmp::Reverse(entities[*at as usize].degree));
    order.truncate(OFTEN_MENTIONED);
    order.into_iter().map(|at| (at, ())).collect()
}

/// The initials of a name of several words: of all of them, and of all but the small ones.
pub(crate) fn initials_of(folded: &str) -> Vec<String> {
    let first = |words: &mut dyn Iterator<Item = &str>| -> String {
        words.filter_map(|word| word.chars().next()).collect()
    };
    let mut found = vec![
        first(&mut folded.split(' ')),
        first(&mut folded.split(' ').filter(|word| !SMALL.contains(word))),
    ];
    found.dedup();
    found.retain(|short| LENGTHS.contains(&short.len()));
    found
}

/// Keys of a text in which a run of words, but not all of them, is written as its initials: `rdfformat` of `resource description
/// framework format`.
pub(crate) fn contractions_of(folded: &str) -> Vec<String> {
    let words: Vec<&str> = folded.split(' ').take(MOST_WORDS + 1).collect();
    if words.len() > MOST_WORDS {
        return Vec::new();
    }
    let runs = (2..words.len()).flat_map(|length| (0..=words.len() - length).map(move |from| (from, length)));
    let contracted = |(from, length): (usize, usize)| -> Option<String> {
        let (before, rest) = words.split_at(from);
        let (run, after) = rest.split_at(length);
        let initials: String = run.iter().filter_map(|word| word.chars().next()).collect();
        LENGTHS.contains(&initials.len()).then(|| [before.concat(), initials, after.concat()].concat())
    };
    runs.filter_map(contracted).collect()
}

/// Keys of the first three letters of every short form that keeps the first letter and the order.
fn starts_of_picks(folded: &str) -> Vec<u64> {
    let letters: Vec<u8> = folded.bytes().filter(|b| *b != b' ').take(24).collect();
    let mut keys = Vec::new();
    for second in 1..letters.len() {
        for third in second + 1..letters.len() {
            keys.push(key_of(&[letters[0], letters[second], letters[third]]));
        }
    }
    keys
}

/// Whether a key keeps the first letter of a name and picks the others from it in order.
pub(crate) fn picks_from(key: &str, folded: &str) -> bool {
    let mut letters = folded.bytes().filter(|b| *b != b' ');
    let mut wanted = key.bytes();
    let same_start = wanted.next().is_some_and(|first| letters.next() == Some(first));
    same_start && wanted.all(|want| letters.any(|letter| letter == want))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(folded: &str, expected: &[&str]) {
        assert_eq!(initials_of(folded), expected, "{folded}");
    }

    #[test]
    fn initials_are_taken_with_and_without_small_words() {
        check("natural language processing", &["nlp"]);
        check("united states of america", &["usoa", "usa"]);
        check("paris", &[]);
    }

    #[test]
    fn any_run_of_words_but_all_of_them_may_be_contracted() {
        assert_eq!(contractions_of("chemical markup language"), ["cmlanguage", "chemicalml"]);
        assert!(contractions_of("resource description framework format").contains(&"rdfformat".to_owned()));
        assert_eq!(contractions_of("paris"), [""; 0]);
        assert_eq!(contractions_of(&"word ".repeat(1000)), [""; 0]);
    }

    #[test]
    fn a_pick_keeps_the_first_letter_and_the_order() {
        assert!(picks_from("grd", "grenada"));
        assert!(picks_from("nam", "namibia"));
        assert!(!picks_from("drg", "grenada"));
        assert!(!picks_from("gdr", "grenada"));
    }
}
