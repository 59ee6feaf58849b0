//! The slips by which fingers turn one key into another: what kind of single edit it was.

/// A single edit that turns the text meant into the text written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// Two letters changed places.
    Swapped,
    /// A letter was struck twice.
    Doubled,
    /// A letter was not struck.
    Missed,
    /// The key beside was struck.
    Beside,
    /// Another letter was struck.
    Replaced,
    /// A letter too many.
    Added,
}

const ROWS: [&[u8]; 3] = [b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];

/// The slip between two texts; none where they are equal or differ by more.
pub fn between(meant: &str, written: &str) -> Option<Slip> {
    let (a, b) = (meant.as_bytes(), written.as_bytes());
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let end = a[start..].iter().rev().zip(b[start..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (a_rest, b_rest) = (&a[start..a.len() - end], &b[start..b.len() - end]);
    match (a_rest, b_rest) {
        ([x], [y]) if are_beside(*x, *y) => Some(Slip::Beside),
        ([_], [_]) => Some(Slip::Replaced),
        ([x, y], [p, q]) if x == q && y == p => Some(Slip::Swapped),
        ([_], []) => Some(Slip::Missed),
        ([], [extra]) if start > 0 && b[start - 1] == *extra => Some(Slip::Doubled),
        ([], [_]) => Some(Slip::Added),
        _ => None,
    }
}

/// The letters beside a letter on the usual keyboard.
pub fn beside(letter: u8) -> impl Iterator<Item = u8> {
    ROWS.iter().copied().flatten().copied().filter(move |other| are_beside(letter, *other))
}

fn are_beside(a: u8, b: u8) -> bool {
    let place = |letter: u8| {
        (0i32..)
            .zip(ROWS)
            .find_map(|(row, keys)| Some((row, keys.iter().position(|key| *key == letter)? as i32)))
    };
    // Each row is shifted by about half a key, so that a key has two neighbours in the row above and two in the one below.
    match (place(a), place(b)) {
        (Some((row, at)), Some((other_row, other_at))) => match other_row - row {
            0 => (at - other_at).abs() == 1,
            1 => (0..=1).contains(&(at - other_at)),
            -1 => (0..=1).contains(&(other_at - at)),
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(meant: &str, written: &str, expected: Option<Slip>) {
        assert_eq!(between(meant, written), expected, "{meant} {written}");
    }

    #[test]
    fn every_single_edit_has_its_kind() {
        check("luanda", "luadna", Some(Slip::Swapped));
        check("pokhara", "pokkhara", Some(Slip::Doubled));
        check("boogienights", "boogieights", Some(Slip::Missed));
        check("phillip", "phillup", Some(Slip::Beside));
        check("kogota", "kogora", Some(Slip::Beside));
        check("ulm", "ulx", Some(Slip::Replaced));
        check("ulm", "ulxm", Some(Slip::Added));
        check("ulm", "ulm", None);
        check("ulm", "bonn", None);
    }

    #[test]
    fn neighbours_on_the_keyboard_are_mutual() {
        for letter in b'a'..=b'z' {
            assert!(beside(letter).count() >= 2);
            assert!(beside(letter).all(|other| are_beside(other, letter)));
        }
    }
}
