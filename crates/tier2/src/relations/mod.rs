//! The knowledge base's relations, each in both directions, with the wordings by which it is found.

mod labels;
mod sample;
mod shape;
mod wordings;

use std::sync::Arc;

use find_facts_core::{Deadline, Direction, FactStore, Predicate, StoreError};
use rustc_hash::FxHashSet;

pub(crate) use self::labels::plain;
use self::labels::{Sense, senses};
pub(crate) use self::sample::Sample;
pub(crate) use self::shape::Shape;
use self::wordings::wordings;
use crate::english::{Kind, Role, Stem, Token, kinds_of, stem, tokens};
use crate::lexicon::{Concept, concepts, synonyms_of};
use crate::reading::wants;

/// A relation in one direction.
#[derive(Debug)]
pub(crate) struct Relation {
    /// Its name in the facts.
    pub(crate) predicate: Arc<str>,
    /// In which direction it is followed.
    pub(crate) direction: Direction,
    /// What its answers are, where that is known.
    pub(crate) answers: Vec<Kind>,
    /// Every word of its wordings.
    pub(crate) words: FxHashSet<Stem>,
    /// Words for what its answers are, and for what it is asked of.
    pub(crate) sides: [FxHashSet<Stem>; 2],
    /// Whether it says the same in both directions: most of its facts are there the other way round as well.
    pub(crate) symmetric: bool,
    /// How many answers one entity has, on average over the sample.
    pub(crate) fan: f32,
}

/// A wording of a relation.
#[derive(Debug)]
pub(crate) struct Template {
    /// Which relation.
    pub(crate) relation: u32,
    /// As it is embedded.
    pub(crate) text: String,
    /// As its words are compared.
    pub(crate) shape: Shape,
    /// Whether it is a name of the relation in the knowledge base's own words.
    pub(crate) known: bool,
    /// The known wording of the predicate that it comes from.
    pub(crate) alias: Option<Arc<str>>,
    /// Whether it is there without that as well.
    pub(crate) otherwise: bool,
    /// Whether it asks for the subject of a mentioned object.
    pub(crate) asks_back: bool,
}

impl Template {
    /// Whether it comes from one of some wordings.
    pub(crate) fn is_of(&self, wordings: &[Arc<str>]) -> bool {
        self.alias.as_ref().is_some_and(|alias| wordings.contains(alias))
    }
}

/// All relations and their wordings.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    pub(crate) list: Vec<Relation>,
    pub(crate) templates: Vec<Template>,
    /// Wordings of relations that the knowledge base does not have.
    pub(crate) strange: Vec<Shape>,
    /// Every word of every wording.
    pub(crate) words: FxHashSet<Stem>,
}

impl Relations {
    /// Reads the relations of a knowledge base.
    pub(crate) fn of(store: &dyn FactStore, deadline: &Deadline) -> Result<Self, StoreError> {
        let predicates = store.predicates(deadline)?;
        let mut samples = Vec::with_capacity(predicates.len());
        for predicate in &predicates {
            deadline.check()?;
            samples.push(Sample::of(predicate, store, deadline)?);
        }
        Ok(Self::made_of(&predicates, &samples, concepts()))
    }

    /// The relations of predicates, by what some facts of each look like and what a table of general knowledge says.
    pub(crate) fn made_of(predicates: &[Predicate], samples: &[Sample], table: &[Concept]) -> Self {
        let mut relations = Self::default();
        let (senses, strange) = senses(predicates, table);
        for concept in strange {
            let shapes = wordings::strange(concept).into_iter().map(|wording| shape_of(&wording.text).0);
            relations.strange.extend(shapes);
        }
        for ((predicate, senses), sample) in predicates.iter().zip(senses).zip(samples) {
            relations.add(predicate, &senses, sample);
        }
        relations
    }

    /// The relation of this name and direction.
    pub(crate) fn position(&self, predicate: &str, direction: Direction) -> Option<usize> {
        self.list
            .iter()
            .position(|relation| &*relation.predicate == predicate && relation.direction == direction)
    }

    /// Words with each that no relation knows, and that means what some relation's word does, in that word; `None` where there is
    /// no such word.
    pub(crate) fn in_other_words(&self, tokens: &[Token]) -> Option<Vec<Token>> {
        let mut changed = false;
        let other = |token: &Token| {
            let unknown = token.role == Role::Content && !self.words.contains(&token.stem);
            let synonyms = if unknown { synonyms_of(token.stem) } else { &[] };
            let word = synonyms.iter().find(|word| self.words.contains(&stem(word)));
            changed |= word.is_some();
            word.map_or_else(|| token.clone(), |word| token.replaced(word))
        };
        let tokens: Vec<Token> = tokens.iter().map(other).collect();
        changed.then_some(tokens)
    }

    fn add(&mut self, predicate: &Predicate, senses: &[Sense<'_>], sample: &Sample) {
        let first = self.list.len() as u32;
        let [left, right] = [true, false].map(|left| {
            let mut words = side_words(senses, left);
            words.extend(sample.called[usize::from(!left)].iter().map(|word| stem(word)));
            words
        });
        for direction in [Direction::Forward, Direction::Backward] {
            let sides = if forward(direction) { [&right, &left] } else { [&left, &right] };
            self.list.push(Relation {
                predicate: predicate.name.clone(),
                direction,
                answers: answers(predicate, senses, direction, sample),
                words: left.union(&right).copied().collect(),
                sides: sides.map(FxHashSet::clone),
                symmetric: sample.symmetric,
                fan: if direction == Direction::Forward { sample.forward } else { sample.backward },
            });
        }
        for wording in wordings(predicate, senses, &sample.called) {
            let relation = first + u32::from(wording.direction == Direction::Backward);
            let (shape, words, mentions) = shape_of(&wording.text);
            let relation_words = &mut self.list[relation as usize].words;
            relation_words.extend(words.iter().map(|token| token.stem));
            // A noun of names is as good as a part of a name.
            if !wording.by_names {
                self.words.extend(words.iter().map(|token| token.stem));
            }
            self.templates.push(Template {
                relation,
                shape,
                text: wording.text,
                known: wording.known,
                alias: wording.alias.map(|nth| predicate.aliases[nth].clone()),
                otherwise: wording.otherwise,
                asks_back: mentions && wording.direction == Direction::Backward,
            });
        }
    }
}

/// The shape of a wording, its words, and whether a mention stands in it.
fn shape_of(text: &str) -> (Shape, Vec<Token>, bool) {
    let words = tokens(text);
    let at = words.iter().position(|token| text.get(token.at.clone()) == Some("X"));
    let shape = Shape::new(&words, at.map(|at| at..at + 1), wants(&words).noun_at);
    (shape, words, at.is_some())
}

/// Words for what stands on the left of a relation, or on its right.
fn side_words(senses: &[Sense<'_>], left: bool) -> FxHashSet<Stem> {
    let of_senses = senses.iter().flat_map(|sense| &sense.concept.sides[usize::from(left == sense.reversed)]);
    of_senses.map(|word| stem(word)).collect()
}

fn forward(direction: Direction) -> bool {
    direction == Direction::Forward
}

fn answers(predicate: &Predicate, senses: &[Sense<'_>], direction: Direction, sample: &Sample) -> Vec<Kind> {
    let forward = forward(direction);
    if forward && let Some(kinds) = sample.kinds() {
        return kinds;
    }
    let mut kinds: Vec<Kind> = Vec::new();
    for Sense { concept, reversed, .. } in senses {
        kinds.extend(if forward != *reversed { concept.answers() } else { concept.subjects() });
    }
    if kinds.is_empty() && forward {
        kinds = kinds_of(plain(&predicate.name).split(' ').map(stem));
    }
    kinds
}
