//! How likely one spelling is written for another: the cheapest alignment of two folded texts, letter by letter.
//! A cost is the negative logarithm of a probability, in nats.

use crate::channel_costs::{DELETE, INSERT, LETTERS, SUBSTITUTE};

/// Going on with letters left out or put in costs this much a letter: about the chance of one letter among thirty.
const EXTEND: f32 = 2.6;
/// Texts are compared up to this length; what follows costs nothing.
const LONGEST: usize = 48;

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

/// The cost of writing `written` for `name`.
pub fn cost(name: &str, written: &str) -> f32 {
    let a = &name.as_bytes()[..name.len().min(LONGEST)];
    let b = &written.as_bytes()[..written.len().min(LONGEST)];
    let symbols = b.iter().map(|letter| symbol(*letter));
    let mut of_b = [0; LONGEST];
    of_b.iter_mut().zip(symbols).for_each(|(place, symbol)| *place = symbol);
    let of_b = &of_b[..b.len()];
    let (mut row, mut next) = (Row::NOTHING, Row::NOTHING);
    row.pair[0] = 0.0;
    row.put_in(of_b);
    for letter in a {
        next.follow(&row, *letter, b, of_b);
        std::mem::swap(&mut row, &mut next);
    }
    row.best(b.len())
}

/// The costs of the alignments of what of a name came so far with every beginning of the text written, in three states: the
/// last step was a pair, a letter left out, a letter put in.
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

    /// Becomes the row of one more letter of the name than `row` has.
    fn follow(&mut self, row: &Self, letter: u8, written: &[u8], symbols: &[usize]) {
        let out = DELETE[symbol(letter)];
        let substitutes = &SUBSTITUTE[symbol(letter) * LETTERS..][..LETTERS];
        self.pair[0] = f32::INFINITY;
        self.left_out[0] = smaller(row.best(0) + out, row.left_out[0] + EXTEND);
        for (before, (other, symbol)) in written.iter().zip(symbols).enumerate() {
            let at = before + 1;
            // All digits are one symbol, but one is hardly ever written for another.
            let same_digit = *other == letter && *symbol == DIGIT;
            let pair = if same_digit { 0.05 } else { substitutes[*symbol] };
            self.pair[at] = row.best(before) + pair;
            self.left_out[at] =
                smaller(smaller(row.pair[at], row.put_in[at]) + out, row.left_out[at] + EXTEND);
        }
        self.put_in(symbols);
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
        ways.into_iter().fold(f32::INFINITY, f32::min)
    }

    proptest! {
        #[test]
        fn the_cost_is_that_of_the_cheapest_alignment(a in "[ac1 2x]{0,5}", b in "[ak1 2+]{0,5}") {
            let (found, wanted) = (cost(&a, &b), cheapest(a.as_bytes(), b.as_bytes(), Last::Pair, true));
            prop_assert!((found - wanted).abs() < 1e-3, "{found} {wanted}");
        }
    }
}
