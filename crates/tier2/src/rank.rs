//! How well a wording fits each relation: by its words, by its meaning, and by what kind of answer it asks for.
//! Depends on no entity, so that one result serves every question that is the same but for its mention.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::english::{Kind, Stem};
use crate::reading::Wants;
use crate::relations::{Relations, Shape, Template};
use crate::weights::Weights;

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

/// How like a wording is to a relation's likest.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Likeness {
    lexical: f32,
    cosine: f32,
}

/// What was seen of a relation, before it is weighed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Seen {
    as_it_is: Likeness,
    in_other_words: Option<Likeness>,
    known: bool,
    /// How often what is asked for and what the relation gives are of one kind, and how often they are not.
    agrees: f32,
    differs: f32,
}

/// So much more likeness of words it takes for a wording to mean a relation that the knowledge base does not have.
const STRANGER: f32 = 0.1;

impl Seen {
    /// Whether anything speaks for it.
    pub(crate) fn is_evidence(&self) -> bool {
        let any = |found: Likeness| found.lexical > 0.0 || found.cosine > 0.0;
        self.known || any(self.as_it_is) || self.in_other_words.is_some_and(any)
    }

    /// Its weight; without evidence, it has none.
    pub(crate) fn weighed(&self, weights: &Weights) -> Evidence {
        let worth = |found: &Likeness| weights.cosine * found.cosine + weights.lexical * found.lexical;
        let mut found = (self.as_it_is, worth(&self.as_it_is));
        if let Some(other) = self.in_other_words {
            let worth = worth(&other) - weights.other_words;
            if worth > found.1 {
                found = (other, worth);
            }
        }
        let (Likeness { lexical, cosine }, worth) = found;
        if !self.is_evidence() {
            return Evidence { score: f32::NEG_INFINITY, ..Evidence::default() };
        }
        let score = worth
            + if self.known { weights.known } else { 0.0 }
            + weights.agrees * self.agrees
            + weights.differs * self.differs;
        Evidence { lexical, cosine, known: self.known, score }
    }
}

/// The relations' evidence for one wording, in the order of [`Relations::list`].
#[derive(Debug, Clone)]
pub(crate) struct Ranking {
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) weights: &'static Weights,
    /// Whether the words say rather something that the knowledge base has no relation for.
    pub(crate) strange: bool,
}

/// How wordings are compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compared<'a> {
    /// Whether words count.
    pub(crate) by_words: bool,
    /// The least cosine that says anything.
    pub(crate) similarity: f32,
    /// Known wordings to act as if unknown.
    pub(crate) without: &'a [Arc<str>],
}

/// Weighs every relation. Without a vector, or without words, the other has to do.
pub(crate) fn rank(
    relations: &Relations,
    vectors: &[Vec<f32>],
    wording: &Wording,
    of_wording: [Option<&[f32]>; 2],
    compared: &Compared<'_>,
) -> Ranking {
    let weights = Weights::of(wording.plain.is_empty(), of_wording[0].is_some());
    let seen = look(relations, vectors, wording, of_wording, compared);
    let strange = compared.by_words && is_strange(relations, wording, &seen);
    let evidence = seen.iter().map(|seen| seen.weighed(weights)).collect();
    Ranking { evidence, weights, strange }
}

/// Looks at every relation.
pub(crate) fn look(
    relations: &Relations,
    vectors: &[Vec<f32>],
    wording: &Wording,
    [vector, in_other_words]: [Option<&[f32]>; 2],
    compared: &Compared<'_>,
) -> Vec<Seen> {
    let liken = |shape, vector| matched(relations, vectors, shape, vector, compared);
    let mut seen: Vec<Seen> = (liken(&wording.shape, vector).into_iter())
        .map(|as_it_is| Seen { as_it_is, ..Seen::default() })
        .collect();
    if let Some((shape, _)) = &wording.in_other_words {
        for (seen, other) in seen.iter_mut().zip(liken(shape, in_other_words)) {
            seen.in_other_words = Some(other);
        }
    }
    for (seen, known) in seen.iter_mut().zip(names(relations, wording, compared.without)) {
        seen.known = known;
    }
    for (seen, relation) in seen.iter_mut().zip(&relations.list) {
        (seen.agrees, seen.differs) = kinds(&wording.wants, &relation.answers, &relation.sides);
    }
    seen
}

/// Whether the words say rather something that the knowledge base has no relation for.
pub(crate) fn is_strange(relations: &Relations, wording: &Wording, seen: &[Seen]) -> bool {
    let lexical = |seen: &Seen| {
        let other = seen.in_other_words.map_or(0.0, |other| other.lexical);
        seen.as_it_is.lexical.max(other)
    };
    let best = seen.iter().map(lexical).fold(0.0, f32::max);
    relations.strange.iter().any(|shape| shape.likeness(&wording.shape) > best + STRANGER)
}

/// The greatest likeness of a wording to any of each relation's.
fn matched(
    relations: &Relations,
    vectors: &[Vec<f32>],
    shape: &Shape,
    vector: Option<&[f32]>,
    compared: &Compared<'_>,
) -> Vec<Likeness> {
    let mut all = vec![Likeness::default(); relations.list.len()];
    for (at, template) in relations.templates.iter().enumerate() {
        // A wording without a mention is said of a subject: that questions for the other side share its words says nothing.
        if template.asks_back && !shape.has_mention()
            || !template.otherwise && template.is_of(compared.without)
        {
            continue;
        }
        let found = &mut all[template.relation as usize];
        if compared.by_words {
            found.lexical = found.lexical.max(template.shape.likeness(shape));
        }
        if let Some(vector) = vector
            && let Some(own) = vectors.get(at)
        {
            let cosine = dot(own, vector);
            // Below it the cosine of two texts says only that both are English.
            if cosine >= compared.similarity {
                found.cosine = found.cosine.max(cosine);
            }
        }
    }
    all
}

/// Whether a wording is a name of each relation as it stands.
fn names(relations: &Relations, wording: &Wording, without: &[Arc<str>]) -> Vec<bool> {
    let mut known = vec![false; relations.list.len()];
    let is_name = |text: &str| !wording.plain.is_empty() && text == wording.plain;
    let is_known =
        |template: &&Template| template.known && !template.is_of(without) && is_name(&template.text);
    for template in relations.templates.iter().filter(is_known) {
        known[template.relation as usize] = true;
    }
    known
}

/// How often what is asked for and what a relation gives are of one kind, and how often they are not: by the noun, and broadly.
fn kinds(wants: &Wants, answers: &[Kind], sides: &[FxHashSet<Stem>; 2]) -> (f32, f32) {
    let [named, other] =
        [&sides[0], &sides[1]].map(|side| wants.noun.is_some_and(|noun| side.contains(&noun)));
    let (mut agrees, mut differs) = (u8::from(named && !other), u8::from(other && !named));
    if !(wants.kinds.is_empty() || answers.is_empty() || named) {
        match wants.kinds.iter().any(|kind| answers.contains(kind)) {
            true => agrees += 1,
            false => (agrees, differs) = (0, 1),
        }
    }
    (agrees.into(), differs.into())
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
