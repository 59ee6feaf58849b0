//! A whole knowledge base, interned, in import order: what imports produce and what indexes are built from.

use find_facts_core::Validity;

use crate::strings::{Strings, TooLarge};

/// The numbers of a fact's subject (an entity), predicate and object (an entity).
pub(crate) type Triple = [u32; 3];

/// A knowledge base. Every text is a name as `text::name` returns it, and no fact, interval or alias is there twice.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) entities: Strings,
    pub(crate) predicates: Strings,
    pub(crate) facts: Vec<Triple>,
    /// Fact and interval; those of a fact are in import order.
    pub(crate) validities: Vec<(u32, Validity)>,
    pub(crate) entity_aliases: Aliases,
    pub(crate) predicate_aliases: Aliases,
}

/// Other names, by the number of what they name; those of one are in import order.
#[derive(Debug, Default)]
pub(crate) struct Aliases {
    pub(crate) texts: Strings,
    /// Whose, and which text.
    pub(crate) pairs: Vec<(u32, u32)>,
}

impl Aliases {
    pub(crate) fn push(&mut self, number: u32, alias: &str) -> Result<(), TooLarge> {
        let text = self.texts.intern(alias)?;
        self.pairs.push((number, text));
        Ok(())
    }
}
