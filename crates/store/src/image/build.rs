//! Lays a knowledge base out as an image: counting sorts by one part, then small sorts by a second.

use super::layout::{HEADER_WORDS, Section, Sections, pack_date, seal, to_words};
use super::{Digest, Image, Memory};
use crate::content::{Aliases, Content, Triple};
use crate::strings::{Strings, TooLarge};

/// The image of a knowledge base. Its memory is about 60 bytes a fact, and the names.
pub(crate) fn build(content: &Content, digest: &Digest) -> Result<Image, TooLarge> {
    let mut writer = Writer { words: vec![0; HEADER_WORDS], sections: Sections::default() };
    let facts = &content.facts;
    let (entities, predicates) = (content.entities.len(), content.predicates.len());

    use Section::*;
    writer.strings(&content.entities, EntityBlob, EntityBounds, Some(EntitySlots))?;
    writer.strings(&content.predicates, PredicateBlob, PredicateBounds, Some(PredicateSlots))?;
    writer.put(Facts, facts.as_flattened())?;

    let by_subject = Groups::of(facts.iter().map(|fact| fact[0]), entities);
    writer.groups(&by_subject, SubjectStarts, BySubject)?;
    writer.put(BySubjectPredicate, &by_subject.members_by(|fact| facts[fact as usize][1]))?;
    writer.put(BySubjectObject, &by_subject.members_by(|fact| facts[fact as usize][2]))?;
    let by_object = Groups::of(facts.iter().map(|fact| fact[2]), entities);
    writer.groups(&by_object, ObjectStarts, ByObject)?;
    writer.put(ByObjectPredicate, &by_object.members_by(|fact| facts[fact as usize][1]))?;
    let by_predicate = Groups::of(facts.iter().map(|fact| fact[1]), predicates);
    writer.groups(&by_predicate, PredicateStarts, ByPredicate)?;

    writer.strings(&content.entity_aliases.texts, EntityAliasBlob, EntityAliasBounds, None)?;
    writer.groups(&alias_groups(&content.entity_aliases, entities), EntityAliasStarts, EntityAliases)?;
    writer.strings(&content.predicate_aliases.texts, PredicateAliasBlob, PredicateAliasBounds, None)?;
    writer.groups(
        &alias_groups(&content.predicate_aliases, predicates),
        PredicateAliasStarts,
        PredicateAliases,
    )?;
    writer.put(Validities, validities(content).as_flattened())?;

    writer.words.shrink_to_fit();
    seal(&mut writer.words, &writer.sections, digest);
    Ok(Image { memory: Memory::Owned(writer.words), sections: writer.sections })
}

fn alias_groups(aliases: &Aliases, named: u32) -> Groups {
    let mut groups = Groups::of(aliases.pairs.iter().map(|(named, _)| *named), named);
    for member in &mut groups.members {
        *member = aliases.pairs[*member as usize].1;
    }
    groups
}

fn validities(content: &Content) -> Vec<Triple> {
    let mut rows: Vec<Triple> = (content.validities.iter())
        .map(|(fact, validity)| [*fact, pack_date(validity.start), pack_date(validity.end)])
        .collect();
    rows.sort_by_key(|row| row[0]);
    rows
}

/// Numbers 0, 1, 2 … put together by a key; within a group they keep their order.
struct Groups {
    starts: Vec<u32>,
    members: Vec<u32>,
}

impl Groups {
    fn of(keys: impl ExactSizeIterator<Item = u32> + Clone, groups: u32) -> Self {
        let mut starts = vec![0_u32; groups as usize + 1];
        for key in keys.clone() {
            starts[key as usize + 1] += 1;
        }
        for group in 0..groups as usize {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut members = vec![0; keys.len()];
        for (number, key) in keys.enumerate() {
            let at = &mut next[key as usize];
            members[*at as usize] = number as u32;
            *at += 1;
        }
        Self { starts, members }
    }

    /// The members, each group sorted by a second key and then in its own order.
    fn members_by(&self, key: impl Fn(u32) -> u32) -> Vec<u32> {
        let mut members = self.members.clone();
        for bounds in self.starts.windows(2) {
            members[bounds[0] as usize..bounds[1] as usize]
                .sort_unstable_by_key(|member| (key(*member), *member));
        }
        members
    }
}

struct Writer {
    words: Vec<u32>,
    sections: Sections,
}

impl Writer {
    fn put(&mut self, section: Section, words: &[u32]) -> Result<(), TooLarge> {
        let start = u32::try_from(self.words.len()).map_err(|_| TooLarge)?;
        let length = u32::try_from(words.len()).map_err(|_| TooLarge)?;
        self.words.extend_from_slice(words);
        self.sections.set(section, start, length);
        Ok(())
    }

    fn groups(&mut self, groups: &Groups, starts: Section, members: Section) -> Result<(), TooLarge> {
        self.put(starts, &groups.starts)?;
        self.put(members, &groups.members)
    }

    fn strings(
        &mut self,
        strings: &Strings,
        blob: Section,
        bounds: Section,
        slots: Option<Section>,
    ) -> Result<(), TooLarge> {
        let view = strings.view();
        let mut padded = view.blob.to_vec();
        padded.resize(view.blob.len().next_multiple_of(size_of::<u32>()), 0);
        self.put(blob, &to_words(&padded))?;
        self.put(bounds, view.starts)?;
        slots.map_or(Ok(()), |slots| self.put(slots, view.slots))
    }
}
