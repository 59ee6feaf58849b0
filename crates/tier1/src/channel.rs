//! How likely one spelling is written for another: the cheapest alignment of two folded texts, letter by letter.
//! A cost is the negative logarithm of a probability, in nats.

use crate::channel_costs::{DELETE, INSERT, LETTERS, SUBSTITUTE};

/// Going on with letters left out or put in costs this much a letter: about the chance of one letter among thirty.
const EXTEND: f32 = 2.6;
/// Texts are compared up to this length; what follows costs nothing.
const LONGEST: usize = 48;

/// The symbol of a folded letter in the cost tables: letters, one for all digits, the space, and one for the rest.
pub fn symbol(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a'),
        b'0'..=b'9' => 26,
        b' ' => 27,
        _ => 28,
    }
}

/// The cost of writing `written` for `name`.
pub fn cost(name: &str, written: &str) -> f32 {
    let a = &name.as_bytes()[..name.len().min(LONGEST)];
    let b = &written.as_bytes()[..written.len().min(LONGEST)];
    // One row per letter of `name`; three states: the last step was a pair, a letter left out, a letter put in.
    let mut rows = [[[f32::INFINITY; 3]; LONGEST + 1]; 2];
    rows[0][0][0] = 0.0;
    for j in 1..=b.len() {
        let open = rows[0][j - 1][0] + insertion(b[j - 1]);
        rows[0][j][2] = open.min(rows[0][j - 1][2] + EXTEND);
    }
    for i in 1..=a.len() {
        let (before, now) = if i % 2 == 1 { split(&mut rows) } else { swapped(&mut rows) };
        let out = deletion(a[i - 1]);
        now[0] = [f32::INFINITY, (best(&before[0]) + out).min(before[0][1] + EXTEND), f32::INFINITY];
        for j in 1..=b.len() {
            let pair = best(&before[j - 1]) + substitution(a[i - 1], b[j - 1]);
            let left_out = (before[j][0].min(before[j][2]) + out).min(before[j][1] + EXTEND);
            let put_in = (now[j - 1][0].min(now[j - 1][1]) + insertion(b[j - 1])).min(now[j - 1][2] + EXTEND);
            now[j] = [pair, left_out, put_in];
        }
    }
    best(&rows[a.len() % 2][b.len()])
}

type Row = [[f32; 3]; LONGEST + 1];

fn split(rows: &mut [Row; 2]) -> (&Row, &mut Row) {
    let [first, second] = rows;
    (first, second)
}

fn swapped(rows: &mut [Row; 2]) -> (&Row, &mut Row) {
    let [first, second] = rows;
    (second, first)
}

fn best(cell: &[f32; 3]) -> f32 {
    cell[0].min(cell[1]).min(cell[2])
}

fn substitution(name: u8, written: u8) -> f32 {
    if name == written && symbol(name) == 26 {
        return 0.05;
    }
    SUBSTITUTE[symbol(name) * LETTERS + symbol(written)]
}

fn deletion(name: u8) -> f32 {
    DELETE[symbol(name)]
}

fn insertion(written: u8) -> f32 {
    INSERT[symbol(written)]
}
