//! Adds facts and aliases to a `Content`, each once, however often it is given.

use find_facts_core::Validity;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::content::{Aliases, Content, Triple};
use crate::strings::TooLarge;

/// A knowledge base that grows.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    content: Content,
    facts: FxHashMap<Triple, u32>,
    validities: FxHashSet<(u32, Validity)>,
    entity_aliases: FxHashSet<(u32, u32)>,
    predicate_aliases: FxHashSet<(u32, u32)>,
}

/// Whether something was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    New,
    Again,
}

impl From<Content> for Builder {
    fn from(content: Content) -> Self {
        Self {
            facts: content.facts.iter().copied().zip(0..).collect(),
            validities: content.validities.iter().copied().collect(),
            entity_aliases: content.entity_aliases.pairs.iter().copied().collect(),
            predicate_aliases: content.predicate_aliases.pairs.iter().copied().collect(),
            content,
        }
    }
}

impl Builder {
    /// Adds a fact that holds within `validity`; an open one says nothing about when.
    pub(crate) fn add_fact(&mut self, parts: [&str; 3], validity: Validity) -> Result<Added, TooLarge> {
        let [subject, predicate, object] = parts;
        let Content { entities, predicates, facts, validities, .. } = &mut self.content;
        let triple = [entities.intern(subject)?, predicates.intern(predicate)?, entities.intern(object)?];
        let next = u32::try_from(facts.len()).map_err(|_| TooLarge)?;
        let number = *self.facts.entry(triple).or_insert(next);
        if number == next {
            facts.push(triple);
        }
        let new_interval = !validity.is_open() && self.validities.insert((number, validity));
        if new_interval {
            validities.push((number, validity));
        }
        Ok(if number == next || new_interval { Added::New } else { Added::Again })
    }

    pub(crate) fn add_entity_alias(&mut self, entity: &str, alias: &str) -> Result<Added, TooLarge> {
        let number = self.content.entities.intern(entity)?;
        if alias == entity {
            return Ok(Added::Again);
        }
        add_alias(number, alias, &mut self.content.entity_aliases, &mut self.entity_aliases)
    }

    pub(crate) fn add_predicate_alias(&mut self, predicate: &str, alias: &str) -> Result<Added, TooLarge> {
        let number = self.content.predicates.intern(predicate)?;
        if alias == predicate {
            return Ok(Added::Again);
        }
        add_alias(number, alias, &mut self.content.predicate_aliases, &mut self.predicate_aliases)
    }

    pub(crate) fn finish(self) -> Content {
        self.content
    }
}

fn add_alias(
    number: u32,
    alias: &str,
    aliases: &mut Aliases,
    seen: &mut FxHashSet<(u32, u32)>,
) -> Result<Added, TooLarge> {
    let pair = (number, aliases.texts.intern(alias)?);
    if !seen.insert(pair) {
        return Ok(Added::Again);
    }
    aliases.pairs.push(pair);
    Ok(Added::New)
}

#[cfg(test)]
mod tests {
    use find_facts_core::PartialDate;

    use super::*;

    fn years(start: i16, end: i16) -> Validity {
        let year = |number| PartialDate::new(number, None, None);
        Validity { start: year(start), end: year(end) }
    }

    #[test]
    fn a_triple_counts_once_and_keeps_its_intervals() {
        let mut builder = Builder::default();
        let fact = ["Ada", "office", "mayor"];
        let added = [years(1990, 1994), Validity::default(), years(1990, 1994), years(1998, 2002)]
            .map(|validity| builder.add_fact(fact, validity).unwrap());
        assert_eq!(added, [Added::New, Added::Again, Added::Again, Added::New]);
        let content = builder.finish();
        assert_eq!(content.facts.len(), 1);
        assert_eq!(content.validities, [(0, years(1990, 1994)), (0, years(1998, 2002))]);
    }

    #[test]
    fn what_was_there_before_is_known() {
        let mut builder = Builder::default();
        builder.add_fact(["Ada", "office", "mayor"], years(1990, 1994)).unwrap();
        builder.add_entity_alias("Ada", "Countess").unwrap();
        let mut builder = Builder::from(builder.finish());
        assert_eq!(builder.add_fact(["Ada", "office", "mayor"], years(1990, 1994)).unwrap(), Added::Again);
        assert_eq!(builder.add_entity_alias("Ada", "Countess").unwrap(), Added::Again);
    }

    #[test]
    fn a_name_is_no_alias_of_itself() {
        let mut builder = Builder::default();
        assert_eq!(builder.add_entity_alias("Ada", "Ada").unwrap(), Added::Again);
        assert_eq!(builder.add_entity_alias("Ada", "Countess").unwrap(), Added::New);
        assert_eq!(builder.finish().entity_aliases.pairs.len(), 1);
    }
}
