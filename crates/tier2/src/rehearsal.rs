//! Wordings put to made-up knowledge bases, from which the weights of Tier 2 are learned. Each has some relations of general
//! knowledge, and one of three things is known of each: its name alone, as of a relation that nobody thought of; its name and about
//! half of its wordings; or all. What is asked comes from all wordings, so that some are known and some are not, and some ask for
//! what the entity or the knowledge base does not have. No knowledge base of anybody's is read.

use find_facts_core::{Deadline, Direction, Embedder, EngineError, Predicate};

use crate::english::{Role, Token, kind_of, tokens};
use crate::lexicon::{Concept, concepts};
use crate::rank::{Compared, Seen, Wording, is_strange, look};
use crate::reading::wants;
use crate::relations::{Relations, Sample, Shape, plain};
pub use crate::weights::Weights;
use crate::wording::masked;

/// Relations of a knowledge base.
const SIZES: [usize; 12] = [3, 4, 5, 6, 8, 10, 12, 14, 18, 24, 32, 45];
/// The share of relations, in percent, that an entity has of those it could have.
const HAS: usize = 80;
/// The share of relations, in percent, of which the knowledge base itself knows wordings, and how many it knows at most.
const WITH_WORDINGS: usize = 30;
const MOST_WORDINGS: usize = 4;
/// Wordings asked of each relation that is there, and of each that is not.
const ASKED: usize = 8;
const ASKED_IN_VAIN: usize = 2;

/// A source of random numbers: one below its argument.
pub type Dice<'a> = &'a mut dyn FnMut(usize) -> usize;

/// What is known of a relation beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Nothing.
    Name,
    /// About half of its wordings.
    Half,
    /// All wordings.
    All,
}

/// Where the relation is that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The entity has it.
    Here,
    /// The knowledge base has it, and the entity does not.
    Elsewhere,
    /// The knowledge base does not have it.
    Nowhere,
}

/// A wording put to an entity.
#[derive(Debug, Clone)]
pub struct Case {
    /// Whether it is a question; else it is a wording of a relation.
    pub question: bool,
    /// What is known of the relation that is asked for.
    pub known: Known,
    /// Where that is.
    pub place: Place,
    right: Option<usize>,
    seen: Vec<SeenHere>,
    strange: bool,
}

#[derive(Debug, Clone)]
struct SeenHere {
    seen: Seen,
    owned: bool,
    unexplained: f32,
}

impl Case {
    /// The chance of the right relation, or of none where that is right.
    pub fn chance_of_right(&self, weights: &Weights) -> f32 {
        let chances = self.chances(weights);
        match self.right {
            Some(right) => chances[right],
            None => 1.0 - chances.iter().sum::<f32>(),
        }
    }

    /// The chance of the likeliest relation, and whether it is the right one.
    pub fn best(&self, weights: &Weights) -> (f32, bool) {
        let chances = self.chances(weights);
        let best = (0..chances.len()).max_by(|a, b| chances[*a].total_cmp(&chances[*b]));
        best.map_or((0.0, false), |best| (chances[best], self.right == Some(best)))
    }

    /// The chance of each relation that the entity has; 0 of others.
    fn chances(&self, weights: &Weights) -> Vec<f32> {
        let scores: Vec<f32> = (self.seen.iter())
            .map(|here| here.seen.weighed(weights).score - weights.unexplained * here.unexplained)
            .collect();
        let best = scores.iter().copied().fold(weights.none, f32::max);
        let masses: Vec<f32> = scores.iter().map(|score| (score - best).exp()).collect();
        let sum = |owned: bool| -> f32 {
            let of = self.seen.iter().zip(&masses).filter(|(here, _)| here.owned == owned);
            of.map(|(_, mass)| mass).sum()
        };
        let total = sum(true) + weights.against((weights.none - best).exp(), sum(false), self.strange);
        let chance = |(here, mass): (&SeenHere, f32)| if here.owned { mass / total } else { 0.0 };
        self.seen.iter().zip(masses).map(chance).collect()
    }
}

/// A text that asks for a relation.
#[derive(Clone)]
struct Text {
    text: String,
    question: bool,
    direction: Direction,
}

/// A made-up knowledge base.
struct World<'a> {
    /// Its relations, by their places in the table of general knowledge.
    chosen: Vec<usize>,
    known: Vec<Known>,
    names: Vec<String>,
    relations: Relations,
    vectors: Vec<Vec<f32>>,
    embedder: Option<&'a dyn Embedder>,
}

/// Makes a knowledge base up, and puts wordings to it; without an embedder, their words alone are compared.
pub fn rehearse(dice: Dice<'_>, embedder: Option<&dyn Embedder>) -> Result<Vec<Case>, EngineError> {
    let world = World::new(dice, embedder)?;
    let all = concepts();
    let mut cases = Vec::new();
    for at in &world.chosen {
        for _ in 0..ASKED {
            cases.extend(world.case(*at, Place::Here, dice)?);
        }
    }
    let relations = world.chosen.len();
    for _ in 0..ASKED_IN_VAIN * relations {
        let at = world.chosen[dice(relations)];
        cases.extend(world.case(at, Place::Elsewhere, dice)?);
        let at = dice(all.len());
        let is_near = |other: &usize| meet(&all[*other].names, &all[at].names);
        if !world.chosen.iter().any(is_near) {
            cases.extend(world.case(at, Place::Nowhere, dice)?);
        }
    }
    Ok(cases)
}

impl<'a> World<'a> {
    fn new(dice: Dice<'_>, embedder: Option<&'a dyn Embedder>) -> Result<Self, EngineError> {
        let all = concepts();
        let chosen = choose(dice);
        let known: Vec<Known> = (all.iter())
            .map(|_| [Known::Name, Known::Name, Known::Half, Known::Half, Known::All][dice(5)])
            .collect();
        let mut table = Vec::new();
        for (concept, known) in all.iter().zip(&known) {
            match known {
                Known::Name => {}
                Known::Half => table.push(half(concept, dice)),
                Known::All => table.push(concept.clone()),
            }
        }
        // The first name is the usual one.
        let mut name_of = |at: &usize| {
            let names = &all[*at].names;
            names[if dice(3) < 2 { 0 } else { dice(names.len()) }].clone()
        };
        let names: Vec<String> = chosen.iter().map(&mut name_of).collect();
        let predicates: Vec<Predicate> = (names.iter())
            .zip(&chosen)
            .map(|(name, at)| {
                let mut aliases = Vec::new();
                if dice(100) < WITH_WORDINGS {
                    let known = all[*at].names.iter().filter(|_| dice(3) == 0);
                    aliases.extend(known.take(MOST_WORDINGS).map(|alias| alias.as_str().into()));
                }
                Predicate { name: name.as_str().into(), aliases, facts: 1 }
            })
            .collect();
        let samples: Vec<Sample> = chosen.iter().map(|at| Sample::of_kinds(&all[*at].answers())).collect();
        let relations = Relations::made_of(&predicates, &samples, &table);
        let texts: Vec<&str> = relations.templates.iter().map(|template| &*template.text).collect();
        let vectors = match embedder {
            Some(embedder) => embedder.embed(&texts, &Deadline::none())?,
            None => Vec::new(),
        };
        let names = names.iter().map(|name| plain(name)).collect();
        Ok(Self { chosen, known, names, relations, vectors, embedder })
    }

    /// A wording of a relation, put to an entity that it may be put to; none where that would be no fair question.
    fn case(&self, at: usize, place: Place, dice: Dice<'_>) -> Result<Option<Case>, EngineError> {
        let all = concepts();
        let texts = texts(&all[at]);
        let asked = texts[dice(texts.len())].clone();
        // Names of the knowledge base's own need no guess.
        if !asked.question && self.names.contains(&asked.text) {
            return Ok(None);
        }
        let backward = usize::from(asked.direction == Direction::Backward);
        // What the entity lacks is asked of any other as well.
        let of_another = place == Place::Elsewhere && dice(2) == 0;
        let entity = match of_another {
            true => &all[self.chosen[dice(self.chosen.len())]].sides[dice(2)],
            false => &all[at].sides[backward],
        };
        let mut owned = vec![false; self.relations.list.len()];
        let mut right = None;
        for (order, other) in self.chosen.iter().enumerate() {
            for (nth, side) in all[*other].sides.iter().enumerate() {
                let relation = order * 2 + nth;
                owned[relation] = meet(side, entity) && dice(100) < HAS;
                if *other == at && place == Place::Elsewhere {
                    owned[relation] = false;
                }
                if *other == at && place == Place::Here && nth == backward {
                    owned[relation] = true;
                    right = Some(relation);
                }
            }
        }
        let another_is_meant = (0..owned.len()).any(|relation| {
            let concept = &all[self.chosen[relation / 2]];
            owned[relation] && right != Some(relation) && says(concept, relation % 2 == 1, &asked)
        });
        if another_is_meant || !owned.contains(&true) {
            return Ok(None);
        }
        let (seen, strange) = self.look(&asked, &owned)?;
        // What nothing speaks for cannot be known to be meant.
        let right = right.filter(|right| seen[*right].seen.is_evidence());
        let (question, known) = (asked.question, self.known[at]);
        Ok(Some(Case { question, known, place, right, seen, strange }))
    }

    fn look(&self, asked: &Text, owned: &[bool]) -> Result<(Vec<SeenHere>, bool), EngineError> {
        let relations = &self.relations;
        let words = tokens(&asked.text);
        let mention = words.iter().position(|token| asked.text.get(token.at.clone()) == Some("X"));
        let wording = match mention.filter(|_| asked.question) {
            Some(at) => masked_question(relations, &asked.text, at),
            None => masked(relations, &asked.text),
        };
        let mut texts = vec![&*wording.text];
        texts.extend(wording.in_other_words.as_ref().map(|(_, text)| &**text));
        let vectors = match self.embedder {
            Some(embedder) => embedder.embed(&texts, &Deadline::none())?,
            None => Vec::new(),
        };
        let of_wording = [0, 1].map(|at| vectors.get(at).map(Vec::as_slice));
        let similarity = crate::Tier2Config::default().similarity;
        let compared = Compared { by_words: true, similarity, without: &[] };
        let seen = look(relations, &self.vectors, &wording, of_wording, &compared);
        let strange = is_strange(relations, &wording, &seen);
        let here = |(at, seen): (usize, Seen)| {
            let explained = &relations.list[at].words;
            let unexplained = words.iter().enumerate().filter(|(at, token)| {
                asked.question
                    && Some(*at) != mention
                    && token.role == Role::Content
                    && !explained.contains(&token.stem)
                    && kind_of(token.stem).is_none()
            });
            SeenHere { seen, owned: owned[at], unexplained: unexplained.count() as f32 }
        };
        Ok((seen.into_iter().enumerate().map(here).collect(), strange))
    }
}

/// A question whose mention is masked already: the word at `at`.
fn masked_question(relations: &Relations, text: &str, at: usize) -> Wording {
    let words = tokens(text);
    let wants = wants(&words);
    let shape = |words: &[Token]| Shape::new(words, Some(at..at + 1), wants.noun_at);
    let mut others = words.clone();
    others[at] = others[at].replaced("");
    let in_other_words = relations.in_other_words(&others).map(|words| {
        let text = words.iter().enumerate().map(|(nth, token)| if nth == at { "X" } else { &*token.folded });
        (shape(&words), text.collect::<Vec<&str>>().join(" "))
    });
    let text = text.to_owned();
    Wording { shape: shape(&words), key: text.clone(), plain: String::new(), text, in_other_words, wants }
}

/// Relations that mostly speak of the same kinds of things.
fn choose(dice: Dice<'_>) -> Vec<usize> {
    let all = concepts();
    let mut order: Vec<usize> = (0..all.len()).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, dice(at + 1));
    }
    let size = SIZES[dice(SIZES.len())];
    let kinds: Vec<String> = order[..1 + dice(3)].iter().flat_map(|at| all[*at].sides[0].clone()).collect();
    let mut chosen: Vec<usize> = Vec::new();
    for at in order {
        let concept = &all[at];
        let fits = meet(&concept.sides[0], &kinds) || dice(10) == 0;
        if chosen.len() < size && fits {
            chosen.push(at);
        }
    }
    chosen
}

/// A relation of which about half of the wordings are known.
fn half(concept: &Concept, dice: Dice<'_>) -> Concept {
    let mut some = |list: &[String]| list.iter().filter(|_| dice(2) == 0).cloned().collect();
    let mut names: Vec<String> = some(&concept.names[1..]);
    names.insert(0, concept.names[0].clone());
    Concept {
        names,
        reversed: some(&concept.reversed),
        forward: some(&concept.forward),
        backward: some(&concept.backward),
        sides: concept.sides.clone(),
    }
}

/// Every text that asks for a relation.
fn texts(concept: &Concept) -> Vec<Text> {
    let mentions = |text: &&String| text.split(' ').any(|word| word == "X");
    let text = |question, direction| move |text: &String| Text { text: text.clone(), question, direction };
    let names = concept.names.iter().map(text(false, Direction::Forward));
    let forward = concept.forward.iter().filter(mentions).map(text(true, Direction::Forward));
    let backward = concept.backward.iter().filter(mentions).map(text(true, Direction::Backward));
    names.chain(forward).chain(backward).collect()
}

/// Whether a text asks for a relation as well.
fn says(concept: &Concept, backward: bool, asked: &Text) -> bool {
    let list = match (asked.question, backward) {
        (true, false) => &concept.forward,
        (true, true) => &concept.backward,
        (false, false) => &concept.names,
        (false, true) => return false,
    };
    list.contains(&asked.text)
}

fn meet(a: &[String], b: &[String]) -> bool {
    a.iter().any(|word| b.contains(word))
}
