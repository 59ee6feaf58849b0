//! By which means a name was reached: the strongest thing that the name and the mention have in common.

use find_facts_core::LinkMeans;

use crate::features::{self, Row};
use crate::mention::Mention;
use crate::names::{Name, NameKind};

/// Sounds that share fewer trigrams than this do not explain a match; the vectors do.
const ALIKE: f32 = 0.4;

/// The means by which a mention reached a name.
pub(crate) fn of(mention: &Mention<'_>, name: &Name, row: &Row) -> LinkMeans {
    let has = |feature: &str| features::value(row, feature) > 0.5;
    let same_key = name.key() == mention.key;
    match name.kind {
        _ if has("code") => LinkMeans::Code,
        NameKind::Name if mention.stored.iter().copied().eq(name.raw.chars()) => LinkMeans::Exact,
        NameKind::Name if same_key => LinkMeans::Normalized,
        NameKind::Alias if same_key => LinkMeans::Alias,
        NameKind::Base if same_key => LinkMeans::Words,
        _ if has("one_edit") || has("two_edits") => LinkMeans::Edit,
        _ if has("initials") || has("picked") || has("contracted") => LinkMeans::Abbreviation,
        _ if ["same_words", "same_forms", "part_of_name", "name_is_part"].into_iter().any(has) => {
            LinkMeans::Words
        }
        _ if has("cosine") && features::value(row, "trigrams") < ALIKE => LinkMeans::Embedding,
        _ => LinkMeans::Ngram,
    }
}
