//! What speaks for and against one name being what a mention means, as numbers of about one.
//! A row has a place for every feature; the row of "none of them" has its own places, so that both can be weighed.

use crate::abbreviation::{LENGTHS, initials_of, picks_from};
use crate::covering::covering;
use crate::meanings::meanings;
use crate::mention::Mention;
use crate::names::{EntityRow, Name, NameKind};
use crate::ngram::{contained, dice, trigrams};
use crate::normalise::{skeleton, sound};
use crate::segment::Segment;
use crate::slip::{self, Slip};

/// The features of one row.
pub type Row = [f32; FEATURES];

/// How many features a row has.
pub const FEATURES: usize = NAMES.len();

/// The names of the features, in the order of a row.
pub const NAMES: [&str; 86] = [
    "candidate",
    "likelihood",
    "likelihood_positive",
    "cost_per_letter",
    "edit_similarity",
    "one_edit",
    "two_edits",
    "one_edit_long",
    "same_sound",
    "same_skeleton",
    "trigrams",
    "same_start",
    "covers_mention",
    "covers_name",
    "same_words",
    "part_of_name",
    "name_is_part",
    "digits_differ",
    "initials",
    "picked",
    "code",
    "alias",
    "base",
    "known_aliases",
    "facts",
    "unfit",
    "cosine",
    "cosine_gap",
    "cosine_best",
    "shared_prefix",
    "shared_suffix",
    "unmatched_worth",
    "short_form",
    "one_word",
    "length",
    "whole",
    "written_alike",
    "word_differs",
    "word_odds",
    "affix_differs",
    "affix_odds",
    "slip_swapped",
    "slip_doubled",
    "slip_missed",
    "slip_beside",
    "slip_replaced",
    "slip_added",
    "forms_of_mention",
    "forms_of_name",
    "same_forms",
    "contracted",
    "same_head",
    "cosine_centred",
    "cosine_entity",
    "trigrams_of_short",
    "synonyms_of_mention",
    "synonyms_of_name",
    "synonym",
    "sibling_word",
    "opposite_word",
    "word_above",
    "other_words_known",
    "few_fit",
    "likelihood_apart",
    "trigrams_apart",
    "edit_similarity_apart",
    "forms_of_mention_apart",
    "forms_of_name_apart",
    "cosine_centred_apart",
    "cosine_entity_apart",
    "covers_name_apart",
    "covers_mention_apart",
    "likelihood_second_name",
    "names_alike",
    "posterior",
    "nearly_as_likely",
    "both_forms_apart",
    "both_synonyms_apart",
    "nil",
    "nil_length",
    "nil_one_word",
    "nil_words",
    "nil_short_form",
    "nil_background",
    "nil_few_fit",
    "nil_cosine_best",
];

/// A feature of a row by its name; 0 for a name that no feature has.
pub fn value(row: &Row, feature: &str) -> f32 {
    NAMES.iter().position(|name| *name == feature).map_or(0.0, |at| row[at])
}

/// Whether the query's other parts speak against the row's entity.
pub(crate) fn is_unfit(row: &Row) -> bool {
    row[UNFIT] > 0.5
}

const UNFIT: usize = place("unfit");
const COSINE: usize = place("cosine");
const COSINE_GAP: usize = place("cosine_gap");
const COSINE_BEST: usize = place("cosine_best");
const COSINE_CENTRED: usize = place("cosine_centred");
const COSINE_ENTITY: usize = place("cosine_entity");
/// Features by which an entity is compared with the best other one, and where the difference stands.
pub(crate) const COMPARED: [(usize, usize); 9] = [
    (LIKELIHOOD, place("likelihood_apart")),
    (place("trigrams"), place("trigrams_apart")),
    (place("edit_similarity"), place("edit_similarity_apart")),
    (FORMS[0], place("forms_of_mention_apart")),
    (FORMS[1], place("forms_of_name_apart")),
    (COSINE_CENTRED, place("cosine_centred_apart")),
    (COSINE_ENTITY, place("cosine_entity_apart")),
    (place("covers_name"), place("covers_name_apart")),
    (place("covers_mention"), place("covers_mention_apart")),
];
/// How much of either text the other's words cover, as forms of words.
pub(crate) const FORMS: [usize; 2] = [place("forms_of_mention"), place("forms_of_name")];
/// The same with synonyms.
pub(crate) const SYNONYMS: [usize; 2] = [place("synonyms_of_mention"), place("synonyms_of_name")];
pub(crate) const LIKELIHOOD: usize = place("likelihood");
/// The likelihood of the entity's second-likeliest name.
pub(crate) const SECOND_NAME: usize = place("likelihood_second_name");
/// How many names of the entity are alike enough to be weighed.
pub(crate) const NAMES_ALIKE: usize = place("names_alike");
/// The odds of the entity by its likelihood alone.
pub(crate) const POSTERIOR: usize = place("posterior");
/// How many entities are nearly as likely, or likelier.
pub(crate) const NEARLY_AS_LIKELY: usize = place("nearly_as_likely");
pub(crate) const BOTH_FORMS_APART: usize = place("both_forms_apart");
pub(crate) const BOTH_SYNONYMS_APART: usize = place("both_synonyms_apart");
/// Where the features of "none of them" start.
const NIL: usize = place("nil");
const NIL_COSINE_BEST: usize = place("nil_cosine_best");

/// The place of a feature, found when the program is compiled.
const fn place(feature: &str) -> usize {
    let mut at = 0;
    while !same(NAMES[at].as_bytes(), feature.as_bytes()) {
        at += 1;
    }
    at
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// What the query says of a candidate besides its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// A standard code stands for it.
    pub code: bool,
    /// It has no relation as the query asks for.
    pub unfit: bool,
    /// Which share of all entities has such a relation.
    pub allowed: f32,
}

/// How near a candidate's vector is to the mention's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nearness {
    /// The cosine of the two, and the same once what all names of the knowledge base have in common is taken off both;
    /// none for a name that has no vector of its own.
    pub own: Option<(f32, f32)>,
    /// The mean cosine of all names of its entity.
    pub of_entity: f32,
}

/// Adds to a row how near its vector is, and how near the nearest of all names is.
pub(crate) fn add_nearness(row: &mut Row, nearness: Nearness, best: f32) {
    if let Some((cosine, centred)) = nearness.own {
        row[COSINE] = cosine;
        row[COSINE_GAP] = (best - cosine) * 5.0;
        row[COSINE_BEST] = f32::from(u8::from(best - cosine < 1e-4));
        row[COSINE_CENTRED] = centred;
    }
    row[COSINE_ENTITY] = nearness.of_entity;
}

/// The row of a name of an entity, before vectors and the other entities.
pub(crate) fn of_name(
    mention: &Mention<'_>,
    name: &Name,
    entity: &EntityRow,
    standing: Standing,
    base: &Segment,
) -> Row {
    let key = name.key();
    let heard = sound(&key);
    let longest = mention.key.len().max(key.len()).max(1) as f32;
    let edits = mention.edits.distance(key.bytes());
    let cost = mention.written.cost_for(&name.folded);
    let likelihood = ((mention.background - cost) / 10.0).clamp(-3.0, 4.0);
    let ours: Vec<&str> = mention.folded.split(' ').collect();
    let theirs: Vec<&str> = name.folded.split(' ').collect();
    let words = shared_words(mention, &ours, &theirs, base);
    let small = base.rewrites.between((&ours, &mention.key), (&theirs, &key));
    let forms = covering(&ours, &theirs, &base.words);
    let meanings = meanings(&ours, &theirs, &forms, &base.words);
    let heard_grams = trigrams(&heard);
    let slip = slip::between(&key, &mention.key);
    let flag = |holds: bool| f32::from(u8::from(holds));
    let known: [f32; place("likelihood_apart")] = [
        1.0,
        likelihood,
        likelihood.max(0.0),
        (cost / mention.key.len().max(1) as f32).min(4.0),
        1.0 - edits as f32 / longest,
        flag(edits <= 1),
        flag(edits == 2),
        flag(edits <= 1 && mention.key.len() >= 8),
        flag(heard == mention.sound),
        flag(skeleton(&heard) == mention.skeleton),
        dice(&mention.grams, &heard_grams),
        flag(mention.key.as_bytes().first() == key.as_bytes().first()),
        words.of_mention,
        words.of_name,
        flag(words.of_mention > 0.999 && words.of_name > 0.999),
        flag(words.of_mention > 0.999 && words.of_name < 0.999),
        flag(words.of_name > 0.999 && words.of_mention < 0.999),
        flag(digits(&mention.folded) != digits(&name.folded)),
        flag(are_initials(mention, name)),
        flag(mention.short_form && mention.key.len() <= 4 && picks_from(&mention.key, &name.folded)),
        flag(standing.code),
        flag(name.kind == NameKind::Alias),
        flag(name.kind == NameKind::Base),
        (1.0 + entity.aliases as f32).ln() / 2.0,
        (1.0 + entity.degree as f32).ln() / 4.0,
        flag(standing.unfit),
        0.0,
        0.0,
        0.0,
        shared(mention.key.bytes(), key.bytes()) / longest,
        shared(mention.key.bytes().rev(), key.bytes().rev()) / longest,
        words.unmatched,
        flag(mention.short_form),
        flag(!mention.folded.contains(' ')),
        mention_length(mention),
        flag(mention.key == key),
        written_alike(mention, name),
        flag(small.words.is_some()),
        small.words.unwrap_or(0.0) / 4.0,
        flag(small.affix.is_some()),
        small.affix.unwrap_or(0.0) / 4.0,
        flag(slip == Some(Slip::Swapped)),
        flag(slip == Some(Slip::Doubled)),
        flag(slip == Some(Slip::Missed)),
        flag(slip == Some(Slip::Beside)),
        flag(slip == Some(Slip::Replaced)),
        flag(slip == Some(Slip::Added)),
        forms.of_first,
        forms.of_second,
        flag(forms.of_first > 0.999 && forms.of_second > 0.999),
        flag(forms.contracted),
        flag(forms.same_head),
        0.0,
        0.0,
        contained(&mention.grams, &heard_grams),
        meanings.of_first,
        meanings.of_second,
        flag(meanings.synonym),
        flag(meanings.sibling),
        flag(meanings.opposite),
        flag(meanings.above),
        flag(meanings.known),
        if standing.unfit { 0.0 } else { few(standing.allowed) },
    ];
    let mut row = [0.0; FEATURES];
    row[..known.len()].copy_from_slice(&known);
    row
}

/// The row of "none of them". `allowed` is the share of entities that have such a relation as the query asks for, `best` the
/// cosine of the nearest of all names, where vectors take part.
pub(crate) fn of_nil(mention: &Mention<'_>, allowed: f32, best: Option<f32>) -> Row {
    let mut row = [0.0; FEATURES];
    let letters = mention.key.len().max(1) as f32;
    row[NIL..].copy_from_slice(&[
        1.0,
        mention_length(mention),
        f32::from(u8::from(!mention.folded.contains(' '))),
        mention.folded.split(' ').count() as f32 / 4.0,
        f32::from(u8::from(mention.short_form)),
        mention.background / letters / 3.0,
        few(allowed),
        0.0,
    ]);
    row[NIL_COSINE_BEST] = best.unwrap_or(0.0);
    row
}

/// How few of all entities have what is asked: the negative logarithm of their share, in nats over 4.
fn few(share: f32) -> f32 {
    -share.ln() / 4.0
}

fn mention_length(mention: &Mention<'_>) -> f32 {
    (mention.key.len().max(1) as f32).ln() / 3.0
}

/// Which share of the characters is the same as written, place by place.
fn written_alike(mention: &Mention<'_>, name: &Name) -> f32 {
    let pairs = mention.stored.iter().copied().zip(name.raw.chars());
    let same = pairs.filter(|(a, b)| a == b).count();
    same as f32 / mention.stored.len().max(name.raw.chars().count()).max(1) as f32
}

struct SharedWords {
    of_mention: f32,
    of_name: f32,
    unmatched: f32,
}

/// Which share of the worth of either text's words stands in the other as well.
fn shared_words(mention: &Mention<'_>, ours: &[&str], theirs: &[&str], base: &Segment) -> SharedWords {
    let (mut both, mut name_worth) = (0.0, 0.0);
    for word in theirs {
        let worth = base.words.worth_of(word);
        name_worth += worth;
        if ours.contains(word) {
            both += worth;
        }
    }
    let in_mention: f32 =
        (ours.iter()).filter(|word| theirs.contains(word)).map(|word| base.words.worth_of(word)).sum();
    SharedWords {
        of_mention: in_mention / mention.worth.max(0.1),
        of_name: both / name_worth.max(0.1),
        unmatched: ((mention.worth - in_mention) + (name_worth - both)).max(0.0) / 20.0,
    }
}

/// Whether one is the initials of the other.
fn are_initials(mention: &Mention<'_>, name: &Name) -> bool {
    mention.initials.iter().any(|initials| **initials == *name.folded)
        || LENGTHS.contains(&mention.key.len()) && initials_of(&name.folded).contains(&mention.key)
}

fn digits(folded: &str) -> Vec<&str> {
    let mut runs: Vec<&str> =
        folded.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).collect();
    runs.sort_unstable();
    runs
}

fn shared(a: impl Iterator<Item = u8>, b: impl Iterator<Item = u8>) -> f32 {
    a.zip(b).take_while(|(x, y)| x == y).count() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use find_facts_core::Deadline;
    use find_facts_testkit::MemoryStore;

    fn check(mention: &str, standing: Standing, expected: &[(&str, f32)]) {
        let store = MemoryStore::new([["anterior lobe", "part of", "pituitary gland"]]);
        let base = Segment::of_all(&store, &Deadline::none()).unwrap();
        let name = base.names.iter().find(|name| *name.folded == *"anterior lobe").unwrap();
        let entity = &base.entities[name.entity as usize];
        let row = of_name(&Mention::new(mention, &base), name, entity, standing, &base);
        for (feature, wanted) in expected {
            assert!(
                (value(&row, feature) - wanted).abs() < 0.01,
                "{mention}: {feature} {}",
                value(&row, feature)
            );
        }
    }

    #[test]
    fn every_value_stands_in_the_place_of_its_name() {
        let any = Standing { code: false, unfit: false, allowed: 1.0 };
        check(
            "posterior lobe",
            any,
            &[("candidate", 1.0), ("opposite_word", 1.0), ("other_words_known", 1.0)],
        );
        check("frontal lobe", any, &[("opposite_word", 0.0), ("synonym", 0.0), ("few_fit", 0.0)]);
        let few = Standing { allowed: 0.01, ..any };
        check("anterior lobe", few, &[("whole", 1.0), ("synonyms_of_name", 1.0), ("few_fit", 1.15)]);
        check("anterior lobe", Standing { unfit: true, ..few }, &[("unfit", 1.0), ("few_fit", 0.0)]);
    }
}
