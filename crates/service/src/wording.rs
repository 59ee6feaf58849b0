//! The sentences of an answer: how many facts were found and the first of them, or what was asked in vain and what to
//! try instead. Frozen byte for byte by `fixtures/legacy/`.

use std::borrow::Cow;
use std::fmt::{self, Display};

use find_facts_core::{Part, Parts};
use find_facts_store::FactRef;

/// How many facts a message shows.
const SHOWN: usize = 5;

/// How many characters of a caller's own text a sentence repeats: names fit, and a megabyte is not sent back thrice.
const REPEATED: usize = 100;

/// Says how many facts were found, and the first of them.
pub(crate) struct Found<I>(pub(crate) I);

impl<'a, I: ExactSizeIterator<Item = FactRef<'a>> + Clone> Display for Found<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("Found 1 fact: ")?,
            found if found <= SHOWN => write!(f, "Found {found} facts: ")?,
            found => write!(f, "Found {found} facts, the first {SHOWN}: ")?,
        }
        for (place, FactRef { subject, predicate, object }) in self.0.clone().take(SHOWN).enumerate() {
            let separator = if place == 0 { "" } else { "; " };
            write!(f, "{separator}{subject} {predicate} {object}")?;
        }
        f.write_str(".")
    }
}

/// Says that no fact has the parts given.
pub(crate) struct NothingFound<'a>(pub(crate) &'a Parts);

impl Display for NothingFound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Found no fact with {}.", named_parts(self.0, None))
    }
}

/// What to try when no fact has the parts given: they alone decide, so that the same query always reads the same.
pub(crate) fn suggestions(parts: &Parts) -> Vec<String> {
    let given: Vec<Part> = Part::ALL.into_iter().filter(|part| parts.get(*part).is_some()).collect();
    let mut suggestions = vec![format!(
        "Check the spelling of {}: only text that is equal in every character matches, case and accents included.",
        named_parts(parts, None)
    )];
    if let [only] = given[..] {
        suggestions.extend(other_side(parts, only));
        return suggestions;
    }
    for part in given {
        suggestions
            .push(format!("Leave out the {part} to see every fact with {}.", named_parts(parts, Some(part))));
    }
    suggestions
}

/// A caller's text, cut where it is too long for a sentence.
pub(crate) fn clipped(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(REPEATED) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

fn other_side(parts: &Parts, only: Part) -> Option<String> {
    let name = clipped(parts.get(only)?);
    Some(match only {
        Part::Subject => format!("Give \"{name}\" as the object: it may stand on the other side of a fact."),
        Part::Object => format!("Give \"{name}\" as the subject: it may stand on the other side of a fact."),
        Part::Predicate => "Give only a subject to see which predicates its facts have.".to_owned(),
    })
}

fn named_parts(parts: &Parts, left_out: Option<Part>) -> String {
    let named: Vec<String> = Part::ALL
        .into_iter()
        .filter(|part| Some(*part) != left_out)
        .filter_map(|part| parts.get(part).map(|text| format!("{part} \"{}\"", clipped(text))))
        .collect();
    match named.as_slice() {
        [first, second, third] => format!("{first}, {second} and {third}"),
        few => few.join(" and "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[FactRef<'_>], expected: &str) {
        assert_eq!(Found(rows.iter().copied()).to_string(), expected);
    }

    #[test]
    fn a_message_counts_all_facts_and_shows_five() {
        let row = FactRef { subject: "a", predicate: "b", object: "c" };
        check(&[row], "Found 1 fact: a b c.");
        check(&[row; 2], "Found 2 facts: a b c; a b c.");
        check(&[row; 5], "Found 5 facts: a b c; a b c; a b c; a b c; a b c.");
        check(&[row; 7], "Found 7 facts, the first 5: a b c; a b c; a b c; a b c; a b c.");
    }

    #[test]
    fn a_sentence_repeats_no_more_than_a_hundred_characters_of_a_callers_text() {
        assert_eq!(clipped(&"é".repeat(100)), "é".repeat(100));
        assert_eq!(clipped(&"é".repeat(101)), format!("{}…", "é".repeat(100)));
    }
}
