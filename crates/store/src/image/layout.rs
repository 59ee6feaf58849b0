//! Where things lie in an image: a header, a table of sections, and the sections, all in words of 32 bits.
//! An image that `check` has accepted has every section within its bounds.

use std::ops::Range;

use find_facts_core::PartialDate;

use super::Digest;

/// Named stretches of words. Their order and meaning belong to the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    EntityBlob,
    EntityBounds,
    EntitySlots,
    PredicateBlob,
    PredicateBounds,
    PredicateSlots,
    /// Subject, predicate, object; subject, predicate, object; …
    Facts,
    SubjectStarts,
    /// Facts of a subject in import order.
    BySubject,
    /// Facts of a subject, by predicate and then in import order.
    BySubjectPredicate,
    /// Facts of a subject, by object and then in import order.
    BySubjectObject,
    ObjectStarts,
    /// Facts of an object in import order.
    ByObject,
    /// Facts of an object, by predicate and then in import order.
    ByObjectPredicate,
    PredicateStarts,
    /// Facts of a predicate in import order.
    ByPredicate,
    EntityAliasBlob,
    EntityAliasBounds,
    EntityAliasStarts,
    EntityAliases,
    PredicateAliasBlob,
    PredicateAliasBounds,
    PredicateAliasStarts,
    PredicateAliases,
    /// Fact, start, end; sorted by fact.
    Validities,
}

pub(crate) const SECTIONS: usize = Section::Validities as usize + 1;

/// Grows by one with every change of the sections, their meaning or the header.
pub(super) const FORMAT: u32 = 1;

const MAGIC: [u8; 8] = *b"FFINDEX\n";
/// Reads differently on a machine of the other byte order, which then builds an index of its own.
const BYTE_ORDER: u32 = 0x0102_0304;

const CHECKSUM: Range<usize> = 0..8;
const MAGIC_AT: Range<usize> = 8..10;
const FORMAT_AT: usize = 10;
const BYTE_ORDER_AT: usize = 11;
const DIGEST: Range<usize> = 12..20;
const TABLE: Range<usize> = 20..20 + 2 * SECTIONS;

/// Where the first section begins.
pub(super) const HEADER_WORDS: usize = TABLE.end;

/// Why an image cannot be used. It is built anew then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    /// It does not begin like an index.
    #[error("it is no index file")]
    NotAnIndex,
    /// Another version of the program wrote it.
    #[error("it has format {0}, this program reads format {FORMAT}")]
    Format(u32),
    /// Words of this machine's byte order are needed.
    #[error("it was written on a machine of another byte order")]
    ByteOrder,
    /// Cut off, or bits have changed.
    #[error("it is damaged")]
    Damaged,
    /// The facts have changed since.
    #[error("it belongs to another state of the knowledge base")]
    OtherContent,
}

/// Where each section lies, in words from the image's beginning: start and length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sections([[u32; 2]; SECTIONS]);

impl Default for Sections {
    fn default() -> Self {
        Self([[0; 2]; SECTIONS])
    }
}

impl Sections {
    pub(super) fn range(&self, section: Section) -> Range<usize> {
        let [start, words] = self.0[section as usize];
        start as usize..start as usize + words as usize
    }

    pub(super) fn set(&mut self, section: Section, start: u32, words: u32) {
        self.0[section as usize] = [start, words];
    }
}

/// Fills in the header of an image whose sections are in place.
pub(super) fn seal(words: &mut [u32], sections: &Sections, digest: &Digest) {
    words[MAGIC_AT].copy_from_slice(&to_words(&MAGIC));
    words[FORMAT_AT] = FORMAT;
    words[BYTE_ORDER_AT] = BYTE_ORDER;
    words[DIGEST].copy_from_slice(&to_words(digest));
    words[TABLE].copy_from_slice(sections.0.as_flattened());
    reseal(words);
}

/// Makes the checksum fit.
pub(super) fn reseal(words: &mut [u32]) {
    let checksum = to_words(&checksum(words));
    words[CHECKSUM].copy_from_slice(&checksum);
}

/// The sections of an image, if it is whole, of this format, and of the knowledge base with this digest.
pub(super) fn check(words: &[u32], digest: &Digest) -> Result<Sections, Unusable> {
    let header = words.get(..HEADER_WORDS).ok_or(Unusable::NotAnIndex)?;
    if header[MAGIC_AT] != to_words(&MAGIC) {
        return Err(Unusable::NotAnIndex);
    }
    if header[BYTE_ORDER_AT] != BYTE_ORDER {
        return Err(Unusable::ByteOrder);
    }
    if header[FORMAT_AT] != FORMAT {
        return Err(Unusable::Format(header[FORMAT_AT]));
    }
    if header[DIGEST] != to_words(digest) {
        return Err(Unusable::OtherContent);
    }
    if header[CHECKSUM] != to_words(&checksum(words)) {
        return Err(Unusable::Damaged);
    }
    let mut sections = Sections::default();
    sections.0.as_flattened_mut().copy_from_slice(&header[TABLE]);
    let within = |[start, length]: &[u32; 2]| *start as usize + *length as usize <= words.len();
    if sections.0.iter().all(within) { Ok(sections) } else { Err(Unusable::Damaged) }
}

/// Covers everything but itself.
fn checksum(words: &[u32]) -> Digest {
    *blake3::hash(bytemuck::cast_slice(&words[CHECKSUM.end..])).as_bytes()
}

/// Bytes as words; what does not fill a last word is left out.
pub(super) fn to_words(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks().0.iter().map(|chunk| u32::from_ne_bytes(*chunk)).collect()
}

/// A date in one word, 0 for none. Sorts as the date does.
pub(super) fn pack_date(date: Option<PartialDate>) -> u32 {
    date.map_or(0, |date| {
        let (year, month, day) = date.parts();
        let year = (i32::from(year) + YEAR_OFFSET) as u32;
        year << 9 | u32::from(month.unwrap_or(0)) << 5 | u32::from(day.unwrap_or(0))
    })
}

/// The date of a word; none for a word that is no date.
pub(super) fn unpack_date(word: u32) -> Option<PartialDate> {
    let known = |number: u32| (number > 0).then_some(number as u8);
    let year = i16::try_from((word >> 9) as i32 - YEAR_OFFSET).ok()?;
    PartialDate::new(year, known(word >> 5 & 0xf), known(word & 0x1f))
}

/// Makes every year of four digits, of either sign, positive.
const YEAR_OFFSET: i32 = 10_000;
