//! What kind of thing an answer is: a person, a place, a date, a number, a work. Judged by words only.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::stem::{Stem, stem};

/// A broad kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Somebody.
    Person,
    /// Somewhere.
    Place,
    /// Some time.
    Date,
    /// How much or how many.
    Number,
    /// Something made: a film, a book, a song.
    Work,
    /// A company, a team, a school.
    Organization,
}

/// The broad kind that a word names.
pub(crate) fn kind_of(word: Stem) -> Option<Kind> {
    KINDS.get(&word).copied()
}

/// The broad kinds that words name.
pub(crate) fn kinds_of(words: impl Iterator<Item = Stem>) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for kind in words.filter_map(kind_of) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

static KINDS: LazyLock<FxHashMap<Stem, Kind>> = LazyLock::new(|| {
    let groups = [
        (Kind::Person, PERSON),
        (Kind::Place, PLACE),
        (Kind::Date, DATE),
        (Kind::Number, NUMBER),
        (Kind::Work, WORK),
        (Kind::Organization, ORGANIZATION),
    ];
    groups.iter().flat_map(|(kind, words)| words.split(' ').map(|word| (stem(word), *kind))).collect()
});

const PERSON: &str = "person man woman child boy girl actor actress director writer author painter singer musician \
    composer politician scientist player athlete artist king queen leader president husband wife mother father \
    son daughter brother sister friend teacher student spouse character individual somebody human celebrity poet \
    architect producer inventor founder owner";
const PLACE: &str = "place city town village country nation state region province county district continent island \
    mountain river lake sea ocean capital location area airport building street park municipality territory \
    stadium venue hometown suburb neighborhood valley desert planet";
const DATE: &str = "date year day month time century decade birthday period era";
const NUMBER: &str = "number count amount population size length height weight age price cost percentage elevation \
    altitude density distance speed temperature salary rating score meter metre kilometer kilometre mile foot feet inch \
    square km kilogram pound dollar euro percent degree acre hectare unit";
const WORK: &str = "work film book novel song album series show game play poem painting story painting musical opera \
    episode article paper magazine newspaper comic documentary single record sculpture software";
const ORGANIZATION: &str = "organization company team club band school university college party institution agency \
    firm business corporation label studio airline group league restaurant hospital museum publisher manufacturer \
    brand network church army newspaper channel";
