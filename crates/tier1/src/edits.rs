//! The keys of a set that are within a few edits of a key, found by walking the set with one row of the edit distance table.
//! An edit leaves a letter out, puts one in, replaces one, or swaps two neighbours; no letter takes part in two edits.
//!
//! A row leaves its diagonal by no more than the edits, so what counts of it fits into the bytes of a word, one for each place
//! of the key, and a step is a few operations on words, all places at once. An automaton of all rows is faster to walk, but
//! takes longer to make for one key than the whole walk does.

use fst::raw::{Fst, Node};

/// The most edits that can be looked for.
pub(crate) const MOST: usize = 2;
/// The mark of a byte, one for each place of a row.
const MARK: u64 = 0x80;
/// The lowest byte of a row stands for this many places before the letters seen.
const BEFORE: usize = MOST;
/// A key's letters are read a word at a time, from one place before those of the row.
const PADDING: usize = BEFORE + 1;

/// A key, and how far from it others may be.
pub(crate) struct Around {
    /// Its letters between zeros, so that a word can be read at every place.
    letters: Vec<u8>,
    length: usize,
    most: usize,
}

/// Which beginnings of the key are within 0, 1 and 2 edits of the letters seen so far: marked bytes of words. The byte `n` stands
/// for a beginning of `seen - BEFORE + n` letters.
#[derive(Clone, Copy)]
struct Row {
    seen: usize,
    within: [u64; MOST + 1],
    /// The same one letter before, of which a swap starts.
    before: [u64; MOST],
    /// Where the key goes on with the last letter seen.
    last: u64,
}

impl Around {
    /// What is at most `most` edits from a key; more than [`MOST`] count as that.
    pub(crate) fn new(key: &str, most: usize) -> Self {
        let mut letters = vec![0; PADDING];
        letters.extend_from_slice(key.as_bytes());
        letters.extend_from_slice(&[0; PADDING + size_of::<u64>()]);
        Self { letters, length: key.len(), most: most.min(MOST) }
    }

    /// Gives `found` the value of every key of the set that is near enough, in no order.
    pub(crate) fn search(&self, set: &Fst<Vec<u8>>, mut found: impl FnMut(u64)) {
        // A stack of its own: a key may be as long as a text that somebody sends.
        let mut open: Vec<(Node<'_>, Row, u64)> = vec![(set.root(), Row::first(), 0)];
        while let Some((node, row, value)) = open.pop() {
            if node.is_final() && self.is_near(&row) {
                found(value + node.final_output().value());
            }
            for transition in node.transitions() {
                let row = self.step(&row, transition.inp);
                if self.can_be_near(&row) {
                    open.push((set.node(transition.addr), row, value + transition.out.value()));
                }
            }
        }
    }

    /// The row after one more letter.
    fn step(&self, row: &Row, letter: u8) -> Row {
        let equal = equal_bytes(self.word(row.seen), letter);
        let goes_on = equal >> 8;
        let swapped = equal & row.last;
        let [none, one, two] = row.within;
        let none_now = none & goes_on;
        // In this order: the letter fits, is put in, replaces one, stands after one that is left out, was swapped with the last.
        let one_now = (one & goes_on) | (none >> 8) | none | (none_now << 8) | (row.before[0] & swapped);
        let two_now = (two & goes_on) | (one >> 8) | one | (one_now << 8) | (row.before[1] & swapped);
        Row {
            seen: row.seen + 1,
            within: [none_now, one_now, two_now],
            before: [none, one],
            last: equal >> 16,
        }
    }

    /// The letters of the key from one before the places of a row on; zeros where it has none.
    fn word(&self, seen: usize) -> u64 {
        let bytes = self.letters.get(seen..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    fn is_near(&self, row: &Row) -> bool {
        let end = (self.length + BEFORE).checked_sub(row.seen);
        end.is_some_and(|byte| byte < 8 && row.within[self.most] >> (8 * byte) & MARK != 0)
    }

    /// Whether a key may still be near that goes on from here.
    fn can_be_near(&self, row: &Row) -> bool {
        // Beyond the end of the key there are marks that mean nothing.
        let places = (self.length + BEFORE + 1).saturating_sub(row.seen);
        let of_the_key = if places < 8 { (1 << (8 * places)) - 1 } else { u64::MAX };
        row.within[self.most] & of_the_key != 0
    }
}

impl Row {
    /// Before any letter: a beginning of the key is as many edits away as it has letters.
    fn first() -> Self {
        let start = MARK << (8 * BEFORE);
        let one = start | start << 8;
        Self { seen: 0, within: [start, one, one | start << 16], before: [0; MOST], last: 0 }
    }
}

/// Marks the bytes of a word that are a letter.
fn equal_bytes(word: u64, letter: u8) -> u64 {
    const LOW: u64 = u64::MAX / 0xff * 0x7f;
    let differ = word ^ (u64::from(letter) * (u64::MAX / 0xff));
    !(((differ & LOW) + LOW) | differ | LOW)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fst::Map;
    use proptest::prelude::*;
    use rapidfuzz::distance::osa;

    use super::*;

    fn near(key: &str, most: usize, set: &BTreeSet<String>) -> BTreeSet<u64> {
        let map = Map::from_iter((0u64..).zip(set).map(|(at, key)| (key, at))).unwrap();
        let mut found = BTreeSet::new();
        Around::new(key, most).search(map.as_fst(), |value| {
            assert!(found.insert(value), "a key is found once");
        });
        found
    }

    proptest! {
        #[test]
        fn the_walk_finds_what_measuring_every_key_finds(
            key in "[abc]{0,12}",
            set in prop::collection::btree_set("[abcd]{0,12}", 0..200),
            most in 0usize..=2,
        ) {
            let measured = (0u64..).zip(&set)
                .filter(|(_, other)| osa::distance(key.bytes(), other.bytes()) <= most)
                .map(|(at, _)| at)
                .collect();
            prop_assert_eq!(near(&key, most, &set), measured);
        }
    }

    #[test]
    fn a_long_key_needs_no_deep_stack() {
        let long = "ab".repeat(200_000);
        let set = BTreeSet::from([format!("{long}c")]);
        assert_eq!(near(&long, 1, &set), BTreeSet::from([0]));
    }
}
