//! What a name may be, and how two names are compared: every text the store keeps is NFC, so that
//! equal names are equal bytes.

use std::borrow::Cow;

use find_facts_core::Part;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text in NFC; borrowed, and nothing allocated, when it is so already.
pub(crate) fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().collect())
}

/// A text that cannot be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing between the separators.
    #[error("is empty")]
    Empty,
    /// A knowledge base can always be written as tab-separated lines; such a name could not.
    #[error("contains {0}, which no line of a tsv file can hold")]
    Separator(&'static str),
}

/// The text as the store keeps it, if it can be a name.
pub(crate) fn name(text: &str) -> Result<Cow<'_, str>, InvalidName> {
    if text.is_empty() {
        return Err(InvalidName::Empty);
    }
    match text.bytes().find(|byte| matches!(byte, b'\t' | b'\n' | b'\r')) {
        Some(b'\t') => Err(InvalidName::Separator("a tab")),
        Some(_) => Err(InvalidName::Separator("a line break")),
        None => Ok(nfc(text)),
    }
}

/// The three names of a fact, or which of them is none.
pub(crate) fn names<S: AsRef<str>>(parts: &[S; 3]) -> Result<[Cow<'_, str>; 3], (Part, InvalidName)> {
    let [subject, predicate, object] = parts;
    Ok([
        name(subject.as_ref()).map_err(|reason| (Part::Subject, reason))?,
        name(predicate.as_ref()).map_err(|reason| (Part::Predicate, reason))?,
        name(object.as_ref()).map_err(|reason| (Part::Object, reason))?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &str, expected: Result<&str, InvalidName>) {
        assert_eq!(name(given).as_deref(), expected.as_ref().map(|text| *text), "{given:?}");
    }

    #[test]
    fn names_are_kept_in_nfc() {
        check("Curac\u{327}ao", Ok("Curaçao"));
        check("  spaces stay ", Ok("  spaces stay "));
        check("\u{1100}\u{1161}", Ok("\u{ac00}"));
    }

    #[test]
    fn names_that_no_tsv_line_can_hold_are_refused() {
        check("", Err(InvalidName::Empty));
        check("a\tb", Err(InvalidName::Separator("a tab")));
        check("a\r", Err(InvalidName::Separator("a line break")));
    }

    #[test]
    fn normalised_text_is_borrowed() {
        for text in ["Angola", "Curaçao", "東京"] {
            assert!(matches!(nfc(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
