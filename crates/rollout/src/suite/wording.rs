//! Other ways in which people write a relation: the words of its name, put together as other knowledge bases put them.

use find_facts_analysis::Seeded;

/// The words of a predicate's name, in lower case: `place_of_birth`, `placeOfBirth` and `Place of birth` are three.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before: Option<char> = None;
    for letter in name.chars() {
        let begins = match before {
            Some(last) if last.is_alphanumeric() => letter.is_uppercase() && last.is_lowercase(),
            _ => true,
        };
        before = Some(letter);
        if !letter.is_alphanumeric() {
            continue;
        }
        match words.last_mut().filter(|_| !begins) {
            Some(word) => word.extend(letter.to_lowercase()),
            None => words.push(letter.to_lowercase().collect()),
        }
    }
    words
}

/// The same words written in another way; `None` where the name leaves no room for it.
pub(super) fn form(name: &str, random: &mut Seeded) -> Option<String> {
    let words = words(name);
    let capital = |word: &String| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    let camel = |words: &[String]| {
        let mut rest = words.iter();
        rest.next().cloned().into_iter().chain(rest.map(capital)).collect::<String>()
    };
    let forms = [
        words.join(" "),
        words.join("_"),
        words.join("-"),
        words.iter().map(capital).collect::<Vec<_>>().join(" "),
        words.join(" ").to_uppercase(),
        camel(&words),
    ];
    let mut others: Vec<String> = Vec::new();
    for form in forms {
        if form != name && !others.contains(&form) {
            others.push(form);
        }
    }
    let chosen = random.below(others.len());
    (!words.is_empty() && !others.is_empty()).then(|| others.swap_remove(chosen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_by_whatever_separates_them() {
        for name in ["place_of_birth", "placeOfBirth", "Place of birth", "place-of.birth", "PLACE OF BIRTH"] {
            assert_eq!(words(name), ["place", "of", "birth"], "{name}");
        }
        assert_eq!(words("area km2"), ["area", "km2"]);
        assert_eq!(words("→"), Vec::<String>::new());
    }

    #[test]
    fn another_form_has_the_same_words_and_is_not_the_name() {
        for name in ["place_of_birth", "capital", "bornIn"] {
            for seed in 0..20 {
                let form = form(name, &mut Seeded::new(seed)).unwrap();
                assert_ne!(form, name);
                assert_eq!(words(&form), words(name));
            }
        }
        assert_eq!(form("→", &mut Seeded::new(1)), None);
    }
}
