//! Makes one image of an image and what has changed since. Entities and predicates keep their numbers.

use find_facts_core::KbVersion;
use rustc_hash::FxHashMap;

use super::{History, Index};
use crate::content::{Aliases, Content};
use crate::delta::NewNames;
use crate::image::{self, Digest};
use crate::strings::{Strings, StringsView, TooLarge};

/// A delta is folded in when it has more facts than this and than `FOLD_SHARE` of the image. A change copies the delta:
/// this many facts are copied in tens of microseconds, far less than it takes to make the change durable.
const FOLD_FACTS: usize = 10_000;

/// Folding takes time with the size of the image; so much of it must have changed to be worth it.
const FOLD_SHARE: usize = 32;

impl Index {
    /// Whether look-ups have become slower than they need be.
    pub(crate) fn is_worth_folding(&self) -> bool {
        self.delta.size() > FOLD_FACTS.max(self.image.facts() as usize / FOLD_SHARE)
    }

    /// The same version with nothing on top of its image.
    pub(crate) fn folded(&self) -> Result<Self, TooLarge> {
        let image = image::build(&self.content()?, &Digest::default())?;
        Ok(Self { history: self.history.clone(), ..Self::of(image, self.version) })
    }

    /// The same facts under another version's number; no changes from earlier ones are known.
    pub(crate) fn served_as(self, version: KbVersion) -> Self {
        Self { version, history: History::since(version), ..self }
    }

    fn content(&self) -> Result<Content, TooLarge> {
        let mut content = Content {
            entities: all_names(self.image.entities(), &self.delta.entities)?,
            predicates: all_names(self.image.predicates(), &self.delta.predicates)?,
            ..Content::default()
        };
        let mut numbers = FxHashMap::default();
        for old in self.matching([None; 3]) {
            let Some(triple) = self.triple(old) else { continue };
            numbers.insert(old, content.facts.len() as u32);
            content.facts.push(triple);
        }
        let validities = self.image.all_validities();
        content.validities =
            validities.filter_map(|(old, validity)| Some((*numbers.get(&old)?, validity))).collect();
        for entity in 0..self.image.entities().len() {
            copy_aliases(entity, self.image.entity_aliases(entity), &mut content.entity_aliases)?;
        }
        for predicate in 0..self.image.predicates().len() {
            copy_aliases(predicate, self.image.predicate_aliases(predicate), &mut content.predicate_aliases)?;
        }
        Ok(content)
    }
}

fn all_names(image: StringsView<'_>, new: &NewNames) -> Result<Strings, TooLarge> {
    let mut names = image.to_owned();
    for name in new.names() {
        names.intern(name)?;
    }
    Ok(names)
}

fn copy_aliases<'a>(
    number: u32,
    aliases: impl Iterator<Item = &'a str>,
    into: &mut Aliases,
) -> Result<(), TooLarge> {
    aliases.into_iter().try_for_each(|alias| into.push(number, alias))
}

#[cfg(test)]
mod tests {
    use find_facts_core::{Deadline, EntityId, FactStore, Pattern};
    use proptest::prelude::*;

    use super::super::Names;
    use super::*;
    use crate::builder::Builder;
    use crate::changes::Changes;

    fn fact() -> impl Strategy<Value = [&'static str; 3]> {
        let name = || prop::sample::select(&["a", "b", "c", "d", "e"][..]);
        [name(), name(), name()]
    }

    fn facts(size: usize) -> impl Strategy<Value = Vec<[&'static str; 3]>> {
        prop::collection::vec(fact(), 0..size)
    }

    fn index_of(facts: Vec<[&'static str; 3]>) -> Index {
        let mut builder = Builder::default();
        for fact in facts {
            builder.add_fact(fact, Default::default()).unwrap();
        }
        Index::of(image::build(&builder.finish(), &Digest::default()).unwrap(), KbVersion(1))
    }

    fn names(facts: Vec<[&'static str; 3]>) -> Vec<Names> {
        facts.into_iter().map(|fact| fact.map(Into::into)).collect()
    }

    proptest! {
        #[test]
        fn folding_changes_no_answer_and_no_number(base in facts(12), add in facts(6), remove in facts(6)) {
            let deadline = &Deadline::none();
            let index = index_of(base).changed(&Changes { removed: names(remove), added: names(add) }).unwrap().index;
            let folded = index.folded().unwrap();
            prop_assert_eq!(folded.delta.size(), 0);
            prop_assert_eq!(folded.version(), index.version());
            prop_assert_eq!(folded.changed_since(KbVersion(1)), index.changed_since(KbVersion(1)));
            let all = |index: &Index| index.find(Pattern::default(), usize::MAX, deadline).unwrap();
            prop_assert_eq!(all(&folded), all(&index));
            let entities = |index: &Index| index.entities(EntityId(0), usize::MAX, deadline).unwrap();
            prop_assert_eq!(entities(&folded), entities(&index));
        }
    }
}
