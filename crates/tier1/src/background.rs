//! How likely a text is as a name of this knowledge base at all: a letter trigram model over its names.
//! Against it the channel's cost tells a misspelling from another name that merely looks alike.

use crate::channel::symbol;
use crate::channel_costs::LETTERS;
use crate::names::Name;

const SPACE: usize = 27;
/// What a context's own counts weigh against the shorter context's; the usual choice of Witten and Bell is of this size for names.
const PRIOR: f32 = 4.0;

/// Letter statistics of a segment's names.
pub(crate) struct Background {
    three: Vec<u32>,
    two: Vec<u32>,
    one: Vec<u32>,
    all: u32,
}

impl Background {
    /// Counts the letters of the names that are words.
    pub(crate) fn build(names: &[Name]) -> Self {
        let mut counts = Self {
            three: vec![0; LETTERS.pow(3)],
            two: vec![0; LETTERS.pow(2)],
            one: vec![0; LETTERS],
            all: 0,
        };
        for name in names.iter().filter(|name| name.is_word()) {
            for [a, b, c] in windows(&name.folded) {
                counts.three[(a * LETTERS + b) * LETTERS + c] += 1;
                counts.two[b * LETTERS + c] += 1;
                counts.one[c] += 1;
                counts.all += 1;
            }
        }
        counts
    }

    /// The cost of a text as a name of the knowledge base, in nats.
    pub(crate) fn cost(&self, folded: &str) -> f32 {
        windows(folded).map(|[a, b, c]| -self.chance(a, b, c).ln()).sum()
    }

    fn chance(&self, a: usize, b: usize, c: usize) -> f32 {
        let one = (self.one[c] as f32 + 1.0) / (self.all as f32 + LETTERS as f32);
        let after_b = self.one[b] as f32;
        let two = (self.two[b * LETTERS + c] as f32 + PRIOR * one) / (after_b + PRIOR);
        let after_ab = self.two[a * LETTERS + b] as f32;
        (self.three[(a * LETTERS + b) * LETTERS + c] as f32 + PRIOR * two) / (after_ab + PRIOR)
    }
}

/// Every letter of a text, and the end, with the two before it.
fn windows(folded: &str) -> impl Iterator<Item = [usize; 3]> + '_ {
    let letters = folded.bytes().map(symbol).chain(std::iter::once(SPACE));
    letters.scan([SPACE, SPACE], |before, letter| {
        let window = [before[0], before[1], letter];
        *before = [before[1], letter];
        Some(window)
    })
}
