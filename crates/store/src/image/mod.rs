//! One knowledge base as an array of words, searched in place whether it was just built or lies in a mapped file.
//! Nothing here trusts the words: a number that points nowhere reads as nothing.

mod build;
mod file;
mod layout;
mod runs;
#[cfg(test)]
mod tests;

use find_facts_core::Validity;
use memmap2::Mmap;

pub(crate) use self::build::build;
use self::layout::{Section, Sections};
use crate::content::Triple;
use crate::strings::StringsView;

/// The digest of the knowledge base that an image was built from.
pub(crate) type Digest = [u8; 32];

/// An immutable knowledge base, indexed.
#[derive(Debug)]
pub(crate) struct Image {
    memory: Memory,
    sections: Sections,
}

/// Where an image's words lie.
#[derive(Debug)]
enum Memory {
    Owned(Vec<u32>),
    Mapped(Mmap),
}

impl Memory {
    fn words(&self) -> &[u32] {
        match self {
            Memory::Owned(words) => words,
            Memory::Mapped(bytes) => bytemuck::try_cast_slice(bytes).unwrap_or_default(),
        }
    }
}

impl Image {
    pub(crate) fn entities(&self) -> StringsView<'_> {
        self.strings(Section::EntityBlob, Section::EntityBounds, Some(Section::EntitySlots))
    }

    pub(crate) fn predicates(&self) -> StringsView<'_> {
        self.strings(Section::PredicateBlob, Section::PredicateBounds, Some(Section::PredicateSlots))
    }

    pub(crate) fn facts(&self) -> u32 {
        (self.words(Section::Facts).len() / 3) as u32
    }

    pub(crate) fn fact(&self, number: u32) -> Option<Triple> {
        let at = number as usize * 3;
        self.words(Section::Facts).get(at..at + 3)?.try_into().ok()
    }

    pub(crate) fn entity_aliases(&self, entity: u32) -> impl Iterator<Item = &str> {
        let texts = self.strings(Section::EntityAliasBlob, Section::EntityAliasBounds, None);
        self.group(Section::EntityAliasStarts, Section::EntityAliases, entity)
            .iter()
            .map(move |n| texts.get(*n))
    }

    pub(crate) fn predicate_aliases(&self, predicate: u32) -> impl Iterator<Item = &str> {
        let texts = self.strings(Section::PredicateAliasBlob, Section::PredicateAliasBounds, None);
        self.group(Section::PredicateAliasStarts, Section::PredicateAliases, predicate)
            .iter()
            .map(move |n| texts.get(*n))
    }

    /// The intervals in which a fact holds, in import order.
    pub(crate) fn validities(&self, fact: u32) -> impl Iterator<Item = Validity> {
        let (rows, _) = self.words(Section::Validities).as_chunks::<3>();
        let first = rows.partition_point(|row| row[0] < fact);
        rows[first..].iter().take_while(move |row| row[0] == fact).map(validity)
    }

    /// Every interval with its fact, in the order of these.
    pub(crate) fn all_validities(&self) -> impl Iterator<Item = (u32, Validity)> {
        let (rows, _) = self.words(Section::Validities).as_chunks::<3>();
        rows.iter().map(|row| (row[0], validity(row)))
    }

    fn strings(&self, blob: Section, bounds: Section, slots: Option<Section>) -> StringsView<'_> {
        StringsView {
            blob: bytemuck::cast_slice(self.words(blob)),
            starts: self.words(bounds),
            slots: slots.map_or(&[], |slots| self.words(slots)),
        }
    }

    /// The part of `members` that belongs to group `number`.
    fn group(&self, starts: Section, members: Section, number: u32) -> &[u32] {
        let starts = self.words(starts);
        let bound = |at: usize| starts.get(at).map(|start| *start as usize);
        let range = bound(number as usize).zip(bound(number as usize + 1));
        range.and_then(|(start, end)| self.words(members).get(start..end)).unwrap_or_default()
    }

    fn words(&self, section: Section) -> &[u32] {
        self.memory.words().get(self.sections.range(section)).unwrap_or_default()
    }
}

fn validity([_, start, end]: &[u32; 3]) -> Validity {
    Validity { start: layout::unpack_date(*start), end: layout::unpack_date(*end) }
}
