//! What was written, in all the forms in which it is compared. Made once for each mention.

use rapidfuzz::distance::osa;
use unicode_normalization::UnicodeNormalization;

use crate::abbreviation::{contractions_of, initials_of};
use crate::channel::Written;
use crate::ngram::trigrams;
use crate::normalise::{fold, has_letter, skeleton, sound, squash};
use crate::segment::Segment;

/// A mention and its forms.
pub(crate) struct Mention<'a> {
    /// As it was written.
    pub raw: &'a str,
    /// The same as names are stored.
    pub stored: Vec<char>,
    /// Its words.
    pub folded: String,
    /// Initials of its words.
    pub initials: Vec<String>,
    /// Its keys with a run of words written as initials.
    pub contractions: Vec<String>,
    /// Whether it looks like a short form: a few letters, most of them capitals.
    pub short_form: bool,
    /// Its key in the dictionary.
    pub key: String,
    /// The key, prepared to be compared with many.
    pub edits: osa::BatchComparator<u8>,
    /// How it sounds.
    pub sound: String,
    /// The consonants of that.
    pub skeleton: String,
    /// Trigrams of its sound.
    pub grams: Vec<u64>,
    /// Its words, prepared to be priced as other spellings of names.
    pub written: Written,
    /// What its words are worth together.
    pub worth: f32,
    /// Its cost as a name of the knowledge base.
    pub background: f32,
}

impl<'a> Mention<'a> {
    /// Folds a mention; what is rare is judged by the names of `base`.
    pub(crate) fn new(raw: &'a str, base: &Segment) -> Self {
        let folded = match fold(raw) {
            empty if empty.is_empty() => raw.to_lowercase(),
            folded => folded,
        };
        let key = squash(&folded);
        let sound = sound(&key);
        Self {
            raw,
            stored: raw.nfc().collect(),
            initials: initials_of(&folded),
            contractions: contractions_of(&folded),
            short_form: is_short_form(raw, &key),
            edits: osa::BatchComparator::new(key.bytes()),
            skeleton: skeleton(&sound),
            grams: trigrams(&sound),
            written: Written::new(&folded),
            worth: folded.split(' ').map(|word| base.words.worth_of(word)).sum(),
            background: base.background.cost(&folded),
            sound,
            key,
            folded,
        }
    }

    /// Whether it may be matched by likeness, not only whole.
    pub(crate) fn is_word(&self) -> bool {
        has_letter(&self.folded)
    }
}

fn is_short_form(raw: &str, key: &str) -> bool {
    let letters = raw.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = raw.chars().filter(|c| c.is_uppercase()).count();
    (2..=7).contains(&key.len()) && capitals * 2 > letters
}
