//! How well a wording fits each relation: by its words, by its meaning, and by what kind of answer it asks for.
//! Depends on no entity, so that one result serves every question that is the same but for its mention.

use rustc_hash::FxHashSet;

use crate::english::{Kind, Stem};
use crate::reading::Wants;
use crate::relations::{Relations, Shape};

/// What a wording looks like.
#[derive(Debug, Clone)]
pub(crate) struct Wording {
    /// Its words.
    pub(crate) shape: Shape,
    /// What kind of answer it asks for.
    pub(crate) wants: Wants,
    /// What it is remembered by.
    pub(crate) key: String,
    /// Its words alone, where it may be a name as it stands.
    pub(crate) plain: String,
    /// As it is embedded.
    pub(crate) text: String,
    /// The same with a word that no relation knows in other words: as its words are compared, and as it is embedded.
    pub(crate) in_other_words: Option<(Shape, String)>,
}

/// What speaks for a relation.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Evidence {
    /// The greatest likeness of words.
    pub(crate) lexical: f32,
    /// The greatest cosine.
    pub(crate) cosine: f32,
    /// Whether the wording is the relation's name, or one that the knowledge base knows.
    pub(crate) known: bool,
    /// All of it, in nats.
    pub(crate) score: f32,
}

/// The weights of what is weighed, in nats.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights {
    cosine: f32,
    lexical: f32,
    known: f32,
    kind: f32,
    other_kind: f32,
    /// What it costs to read a word as another.
    synonym: f32,
    /// What "none of them" scores for a question.
    pub(crate) none: f32,
    /// The same for a wording: whoever puts one to an entity hardly ever means none of its relations.
    none_of_wording: f32,
}

const WITH_VECTORS: Weights = Weights {
    cosine: 12.0,
    lexical: 5.0,
    known: 3.0,
    kind: 1.0,
    other_kind: -2.0,
    synonym: 1.0,
    none: 10.0,
    none_of_wording: 8.5,
};
const BY_WORDS: Weights = Weights {
    cosine: 0.0,
    lexical: 12.0,
    known: 3.0,
    kind: 1.0,
    other_kind: -2.0,
    synonym: 1.0,
    none: 7.0,
    none_of_wording: 6.0,
};

/// The relations' evidence for one wording, in the order of [`Relations::list`].
#[derive(Debug, Clone)]
pub(crate) struct Ranking {
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) weights: Weights,
    /// Whether the words say rather something that the knowledge base has no relation for.
    pub(crate) strange: bool,
}

/// So much more likeness of words it takes for a wording to mean a relation that the knowledge base does not have.
const STRANGER: f32 = 0.1;

/// Weighs every relation. Without a vector, or without words, the other has to do.
pub(crate) fn rank(
    relations: &Relations,
    vectors: &[Vec<f32>],
    wording: &Wording,
    [vector, in_other_words]: [Option<&[f32]>; 2],
    by_words: bool,
    similarity: f32,
) -> Ranking {
    let mut weights = if vector.is_some() { WITH_VECTORS } else { BY_WORDS };
    if !wording.plain.is_empty() {
        weights.none = weights.none_of_wording;
    }
    let mut evidence = matched(relations, vectors, &wording.shape, vector, by_words);
    for (found, template) in evidence.iter_mut().zip(names(relations, wording)) {
        found.known = template;
    }
    if let Some((shape, _)) = &wording.in_other_words {
        let other = matched(relations, vectors, shape, in_other_words, by_words);
        let worth = |found: &Evidence| weights.cosine * found.cosine + weights.lexical * found.lexical;
        for (found, other) in evidence.iter_mut().zip(other) {
            if worth(&other) - weights.synonym > worth(found) {
                *found = Evidence { score: -weights.synonym, ..other };
            }
        }
    }
    for (found, relation) in evidence.iter_mut().zip(&relations.list) {
        // Below it the cosine of two texts says only that both are English.
        if found.cosine < similarity {
            found.cosine = 0.0;
        }
        found.score += weights.cosine * found.cosine
            + weights.lexical * found.lexical
            + if found.known { weights.known } else { 0.0 }
            + kind_score(&weights, &wording.wants, &relation.answers, &relation.sides);
    }
    let best = evidence.iter().map(|found| found.lexical).fold(0.0, f32::max);
    let strange =
        by_words && relations.strange.iter().any(|shape| shape.likeness(&wording.shape) > best + STRANGER);
    Ranking { evidence, weights, strange }
}

/// The greatest likeness of a wording to any of each relation's.
fn matched(
    relations: &Relations,
    vectors: &[Vec<f32>],
    shape: &Shape,
    vector: Option<&[f32]>,
    by_words: bool,
) -> Vec<Evidence> {
    let mut evidence = vec![Evidence::default(); relations.list.len()];
    for (at, template) in relations.templates.iter().enumerate() {
        // A wording without a mention is said of a subject: that questions for the other side share its words says nothing.
        if template.asks_back && !shape.has_mention() {
            continue;
        }
        let found = &mut evidence[template.relation as usize];
        if by_words {
            found.lexical = found.lexical.max(template.shape.likeness(shape));
        }
        if let Some(vector) = vector
            && let Some(own) = vectors.get(at)
        {
            found.cosine = found.cosine.max(dot(own, vector));
        }
    }
    evidence
}

/// Whether a wording is a name of each relation as it stands.
fn names(relations: &Relations, wording: &Wording) -> Vec<bool> {
    let mut known = vec![false; relations.list.len()];
    let is_name = |text: &str| !wording.plain.is_empty() && text == wording.plain;
    for template in relations.templates.iter().filter(|template| template.known && is_name(&template.text)) {
        known[template.relation as usize] = true;
    }
    known
}

fn kind_score(weights: &Weights, wants: &Wants, answers: &[Kind], sides: &[FxHashSet<Stem>; 2]) -> f32 {
    let [named, other] =
        [&sides[0], &sides[1]].map(|side| wants.noun.is_some_and(|noun| side.contains(&noun)));
    let by_noun = match (named, other) {
        (true, false) => weights.kind,
        (false, true) => weights.other_kind,
        _ => 0.0,
    };
    if wants.kinds.is_empty() || answers.is_empty() || named {
        return by_noun;
    }
    match wants.kinds.iter().any(|kind| answers.contains(kind)) {
        true => weights.kind + by_noun,
        false => weights.other_kind,
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
