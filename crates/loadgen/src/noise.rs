//! Names as hands write them, and names of nothing; by a seeded generator, so that a run can be repeated.

use fastrand::Rng;

/// One slip: a letter left out, doubled, replaced, or swapped with the next. `None` where the name is too short to be told
/// apart afterwards.
pub(crate) fn slip(name: &str, rng: &mut Rng) -> Option<String> {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() < 6 {
        return None;
    }
    // The first letter stays: people notice a slip there.
    let at = rng.usize(1..letters.len() - 1);
    if !letters[at].is_alphabetic() || !letters[at + 1].is_alphabetic() {
        return None;
    }
    match rng.u8(0..4) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, letters[at]),
        2 => letters[at] = rng.lowercase(),
        _ => letters.swap(at, at + 1),
    }
    let slipped: String = letters.into_iter().collect();
    (slipped != name).then_some(slipped)
}

/// A pronounceable name of two words that means nothing.
pub(crate) fn nonsense(rng: &mut Rng) -> String {
    const CONSONANTS: [&str; 14] = ["b", "d", "f", "g", "j", "k", "l", "m", "p", "qu", "v", "w", "x", "z"];
    const VOWELS: [&str; 5] = ["a", "e", "i", "o", "u"];
    let mut word = || {
        let syllables = (0..4).map(|_| {
            let consonant = CONSONANTS[rng.usize(..CONSONANTS.len())];
            format!("{consonant}{}", VOWELS[rng.usize(..VOWELS.len())])
        });
        syllables.collect::<String>()
    };
    format!("{} {}", word(), word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_keeps_the_first_letter_and_changes_the_name() {
        let seed = 7;
        let mut rng = Rng::with_seed(seed);
        let slips: Vec<String> = (0..200).filter_map(|_| slip("Heathrow", &mut rng)).collect();
        assert!(slips.len() > 150, "seed {seed}: {}", slips.len());
        assert!(slips.iter().all(|slipped| slipped.starts_with('H') && slipped != "Heathrow"), "seed {seed}");
    }

    #[test]
    fn a_short_name_is_left_alone() {
        assert_eq!(slip("Paris", &mut Rng::with_seed(1)), None);
    }
}
