//! How likely one spelling is written for another: the cheapest alignment of two folded texts, letter by letter and, where several
//! letters stand for others (`x` for `ks`, `eau` for `o`), by these (Brill and Moore 2000). Texts begin and end with a space, so that what
//! is written at an end of a word (`is` for nothing, in `Kičeneris` for `Kitchener`) has costs of its own.
//! A cost is the negative logarithm of a probability, in nats.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::channel_costs::{DELETE, GROUPS, INSERT, LETTERS, SUBSTITUTE};

/// Going on with letters left out or put in costs this much a letter: about the chance of one letter among thirty.
const EXTEND: f32 = 2.6;
/// Texts are compared up to this length, the spaces around them included; what follows costs nothing.
const LONGEST: usize = 50;

/// Letters of the longest group.
const MOST_LETTERS: usize = 4;

/// The symbol of every digit.
const DIGIT: usize = 26;

/// The symbol of a folded letter in the cost tables: letters, one for all digits, the space, and one for the rest.
pub fn symbol(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a'),
        b'0'..=b'9' => DIGIT,
        b' ' => 27,
        _ => 28,
    }
}

/// A text that was written, prepared to be compared with many names.
pub(crate) struct Written {
    letters: Vec<u8>,
    symbols: Vec<usize>,
    /// For each text that is written for others, a bit for each place in `letters` before which it ends.
    ends: Vec<u64>,
}

impl Written {
    /// Of a folded text.
    pub(crate) fn new(folded: &str) -> Self {
        let letters = Spaced::new(folded).letters().to_vec();
        let mut ends = vec![0; BY_PARTS.targets.len()];
        for end in 1..=letters.len() {
            for target in last(&letters[..end]).filter_map(|key| BY_PARTS.targets.get(&key)) {
                ends[*target] |= 1 << end;
            }
        }
        Self { symbols: letters.iter().map(|letter| symbol(*letter)).collect(), letters, ends }
    }

    /// The cost of writing it for a name.
    pub(crate) fn cost_for(&self, name: &str) -> f32 {
        let name = Spaced::new(name);
        let name = name.letters();
        // The last rows, as many as the longest group has letters, and the one that is made.
        let mut rows = [Row::NOTHING; MOST_LETTERS + 1];
        rows[0].pair[0] = 0.0;
        rows[0].put_in(&self.symbols);
        for (before, letter) in name.iter().enumerate() {
            let at = before + 1;
            let mut row = Row::NOTHING;
            row.follow(&rows[before % rows.len()], *letter, self);
            for (length, key) in (1..).zip(last(&name[..at])) {
                let earlier = &rows[(at - length) % rows.len()];
                row.write_together(earlier, BY_PARTS.sources.get(&key).map_or(&[], Vec::as_slice), self);
            }
            row.put_in(&self.symbols);
            rows[at % rows.len()] = row;
        }
        rows[name.len() % rows.len()].best(self.letters.len())
    }
}

/// A folded text with a space at either end.
struct Spaced {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Spaced {
    fn new(folded: &str) -> Self {
        let text = &folded.as_bytes()[..folded.len().min(LONGEST - 2)];
        let mut bytes = [b' '; LONGEST];
        bytes[1..=text.len()].copy_from_slice(text);
        Self { bytes, length: text.len() + 2 }
    }

    fn letters(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The last letters of a text as keys: from one to as many as the longest group has.
fn last(text: &[u8]) -> impl Iterator<Item = u32> + '_ {
    (1..=MOST_LETTERS.min(text.len())).map(|length| key(&text[text.len() - length..]))
}

/// Up to four letters as a number.
fn key(letters: &[u8]) -> u32 {
    letters.iter().fold(0, |key, letter| key << 8 | u32::from(*letter))
}

/// [`GROUPS`] by their parts.
struct ByParts {
    /// What is written for them.
    sources: FxHashMap<u32, Vec<Group>>,
    /// The number of each text that is written for others.
    targets: FxHashMap<u32, usize>,
}

struct Group {
    target: usize,
    length: usize,
    cost: f32,
}

static BY_PARTS: LazyLock<ByParts> = LazyLock::new(|| {
    let mut all = ByParts { sources: FxHashMap::default(), targets: FxHashMap::default() };
    for (source, target, cost) in GROUPS {
        let number = all.targets.len();
        let number = *all.targets.entry(key(target.as_bytes())).or_insert(number);
        let group = Group { target: number, length: target.len(), cost: *cost };
        all.sources.entry(key(source.as_bytes())).or_default().push(group);
    }
    all
});

/// The costs of the alignments of what of a name came so far with every beginning of the text written, in three states: the
/// last step was a pair, a letter left out, a letter put in.
#[derive(Clone, Copy)]
struct Row {
    pair: [f32; LONGEST + 1],
    left_out: [f32; LONGEST + 1],
    put_in: [f32; LONGEST + 1],
}

impl Row {
    const NOTHING: Self = Self {
        pair: [f32::INFINITY; LONGEST + 1],
        left_out: [f32::INFINITY; LONGEST + 1],
        put_in: [f32::INFINITY; LONGEST + 1],
    };

    /// Becomes the row of one more letter of the name than `row` has, but for letters put in.
    fn follow(&mut self, row: &Self, letter: u8, written: &Written) {
        let out = DELETE[symbol(letter)];
        let substitutes = &SUBSTITUTE[symbol(letter) * LETTERS..][..LETTERS];
        self.left_out[0] = smaller(row.best(0) + out, row.left_out[0] + EXTEND);
        for (before, (other, symbol)) in written.letters.iter().zip(&written.symbols).enumerate() {
            let at = before + 1;
            // All digits are one symbol, but one is hardly ever written for another.
            let same_digit = *other == letter && *symbol == DIGIT;
            let pair = if same_digit { 0.05 } else { substitutes[*symbol] };
            self.pair[at] = row.best(before) + pair;
            self.left_out[at] =
                smaller(smaller(row.pair[at], row.put_in[at]) + out, row.left_out[at] + EXTEND);
        }
    }

    /// The last letters of the name, which `earlier` has not, written together in another way.
    fn write_together(&mut self, earlier: &Self, groups: &[Group], written: &Written) {
        for group in groups {
            let mut ends = written.ends[group.target];
            while ends != 0 {
                let at = ends.trailing_zeros() as usize;
                ends &= ends - 1;
                let cost = earlier.best(at - group.length) + group.cost;
                self.pair[at] = smaller(cost, self.pair[at]);
            }
        }
    }

    /// Letters put in after what the other two states say.
    fn put_in(&mut self, written: &[usize]) {
        self.put_in[0] = f32::INFINITY;
        for (before, symbol) in written.iter().enumerate() {
            let open = smaller(self.pair[before], self.left_out[before]) + INSERT[*symbol];
            self.put_in[before + 1] = smaller(open, self.put_in[before] + EXTEND);
        }
    }

    fn best(&self, at: usize) -> f32 {
        smaller(smaller(self.pair[at], self.left_out[at]), self.put_in[at])
    }
}

/// The smaller of two costs. No cost is anything but a number, which `f32::min` would ask about each time.
fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy, PartialEq)]
    enum Last {
        Pair,
        LeftOut,
        PutIn,
    }

    /// The same by its definition, all ways tried one by one; `start` where nothing of the text written has been used.
    fn cheapest(a: &[u8], b: &[u8], last: Last, start: bool) -> f32 {
        let mut ways = Vec::new();
        if a.is_empty() && b.is_empty() {
            ways.push(0.0);
        }
        if let ([x, a @ ..], [y, b @ ..]) = (a, b) {
            let same_digit = x == y && symbol(*x) == DIGIT;
            let pair = if same_digit { 0.05 } else { SUBSTITUTE[symbol(*x) * LETTERS + symbol(*y)] };
            ways.push(pair + cheapest(a, b, Last::Pair, false));
        }
        if let [x, a @ ..] = a {
            let out = DELETE[symbol(*x)];
            let cost = match last {
                Last::LeftOut if start => out.min(EXTEND),
                Last::LeftOut => EXTEND,
                _ => out,
            };
            ways.push(cost + cheapest(a, b, Last::LeftOut, start));
        }
        if let [y, b @ ..] = b {
            let cost = if last == Last::PutIn { EXTEND } else { INSERT[symbol(*y)] };
            ways.push(cost + cheapest(a, b, Last::PutIn, false));
        }
        for (source, target, cost) in GROUPS {
            let rest = a.strip_prefix(source.as_bytes()).zip(b.strip_prefix(target.as_bytes()));
            ways.extend(rest.map(|(a, b)| cost + cheapest(a, b, Last::Pair, false)));
        }
        ways.into_iter().fold(f32::INFINITY, f32::min)
    }

    proptest! {
        #[test]
        fn the_cost_is_that_of_the_cheapest_alignment(a in "[ace1 2ux]{0,3}", b in "[ako1 2+]{0,3}") {
            let spaced = |text: &str| format!(" {text} ").into_bytes();
            let (found, wanted) = (Written::new(&b).cost_for(&a), cheapest(&spaced(&a), &spaced(&b), Last::Pair, true));
            prop_assert!((found - wanted).abs() < 1e-3, "{found} {wanted}");
        }
    }
}
