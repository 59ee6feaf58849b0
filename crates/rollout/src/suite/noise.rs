//! Seeded noise: other ways in which people write a name. `None` where a name leaves no room for it.

use find_facts_analysis::Seeded;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Names with fewer letters than this are not edited: one edit away from a short name there is usually another one.
const MIN_LETTERS_FOR_EDIT: usize = 6;

/// Letters and digits alone, without case and diacritics: two texts that fold alike are one mention.
pub(super) fn fold(text: &str) -> String {
    text.nfkd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name in other case: lower, upper, or the case of each letter turned.
pub(super) fn case(name: &str, random: &mut Seeded) -> Option<String> {
    let turned = match random.below(3) {
        0 => name.to_lowercase(),
        1 => name.to_uppercase(),
        _ => name
            .chars()
            .flat_map(|c| {
                if c.is_uppercase() {
                    c.to_lowercase().collect::<Vec<_>>()
                } else {
                    c.to_uppercase().collect()
                }
            })
            .collect(),
    };
    // Letters that change their number with their case, such as ß, do not come back.
    (turned != name && turned.to_lowercase() == name.to_lowercase()).then_some(turned)
}

/// The name without its diacritics.
pub(super) fn diacritics(name: &str) -> Option<String> {
    let bare: String = name.nfd().filter(|c| !is_combining_mark(*c)).nfc().collect();
    let composed: String = name.nfc().collect();
    (bare != composed).then_some(bare)
}

/// The name with one letter dropped, doubled, replaced, or swapped with the next. Its first letter and its digits stay.
pub(super) fn edit(name: &str, random: &mut Seeded) -> Option<String> {
    let mut letters: Vec<char> = name.chars().collect();
    let places: Vec<usize> = (1..letters.len()).filter(|&place| letters[place].is_alphabetic()).collect();
    let has_digits = letters.iter().any(char::is_ascii_digit);
    if places.len() + 1 < MIN_LETTERS_FOR_EDIT || has_digits {
        return None;
    }
    let place = places[random.below(places.len())];
    match random.below(4) {
        0 => drop(letters.remove(place)),
        1 => letters.insert(place, letters[place]),
        2 if place + 1 < letters.len() => letters.swap(place, place + 1),
        _ => letters[place] = char::from(b"aeinorst"[random.below(8)]),
    }
    let edited: String = letters.into_iter().collect();
    (edited != name).then_some(edited)
}

/// A word that is nobody's name: the name's own letters in random order, twice.
pub(super) fn nonsense(name: &str, random: &mut Seeded) -> Option<String> {
    let mut letters: Vec<char> =
        name.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    if letters.len() < MIN_LETTERS_FOR_EDIT {
        return None;
    }
    letters.truncate(12);
    random.shuffle(&mut letters);
    let first: String = letters.iter().collect();
    random.shuffle(&mut letters);
    Some(format!("{first} {}", letters.iter().collect::<String>()))
}

/// Whether an alias is a code: nobody can tell from its letters whose it is, so holding it back tests nothing.
pub(super) fn is_code(alias: &str) -> bool {
    alias.chars().count() <= 4 && alias.chars().all(|c| c.is_uppercase() || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn noise_is_repeated_by_its_seed() {
        for name in ["Albert Einstein", "São Tomé", "Kraków"] {
            for noise in [case, edit, nonsense] {
                assert_eq!(noise(name, &mut Seeded::new(4)), noise(name, &mut Seeded::new(4)));
            }
        }
    }

    #[test]
    fn diacritics_go_and_nothing_else() {
        assert_eq!(diacritics("São Tomé").as_deref(), Some("Sao Tome"));
        assert_eq!(diacritics("Sa\u{303}o").as_deref(), Some("Sao"));
        assert_eq!(diacritics("Angola"), None);
    }

    #[test]
    fn short_names_and_numbers_are_not_edited() {
        for name in ["Rome", "Route 66 North", "Oslo"] {
            assert_eq!(edit(name, &mut Seeded::new(1)), None, "{name}");
        }
    }

    #[test]
    fn codes_are_told_from_names() {
        assert!(is_code("JFK") && is_code("CH") && is_code("B737"));
        assert!(!is_code("Rome") && !is_code("UNESCO") && !is_code("Bern"));
    }

    proptest! {
        #[test]
        fn one_edit_is_one_edit(name in "[A-Z][a-z]{5,12}", seed: u64) {
            if let Some(edited) = edit(&name, &mut Seeded::new(seed)) {
                prop_assert_eq!(strsim::osa_distance(&name, &edited), 1);
            }
        }

        #[test]
        fn other_case_is_the_same_word(name in "\\PC{1,12}", seed: u64) {
            if let Some(turned) = case(&name, &mut Seeded::new(seed)) {
                prop_assert_eq!(turned.to_lowercase(), name.to_lowercase());
            }
        }
    }
}
