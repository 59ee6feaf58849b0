//! Relations that people ask about everywhere, with their names and the ways in which people ask: `relations.txt`, read once.
//! Every text of it has the mention as `X`.

mod parse;
mod synonyms;

use std::sync::LazyLock;

pub(crate) use parse::Concept;
pub(crate) use synonyms::synonyms_of;

/// All relations of the table.
pub(crate) fn concepts() -> &'static [Concept] {
    static CONCEPTS: LazyLock<Vec<Concept>> = LazyLock::new(|| parse::parse(include_str!("relations.txt")));
    &CONCEPTS
}
