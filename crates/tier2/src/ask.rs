//! Everything that one request needs, and what questions and wordings have in common: ranking relations, judging them for an
//! entity, and fetching facts.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use find_facts_core::{
    Deadline, Direction, Embedder, ExpansionMeans, Fact, FactStore, FindQuery, FinderError, LanguageModel,
    Part, Pattern,
};
use find_facts_tier1::{Aim, Meant, Tier1};
use rustc_hash::FxHashMap;

use crate::config::Tier2Config;
use crate::index::Index;
use crate::rank::{Compared, Evidence, Ranking, Wording, rank};

/// Relations that linking a mention may count on: those that the wording speaks for most.
const AIMED_AT: usize = 8;

/// One request.
pub(crate) struct Ask<'a> {
    pub(crate) query: &'a FindQuery,
    pub(crate) config: &'a Tier2Config,
    pub(crate) index: &'a Index,
    pub(crate) tier1: &'a Tier1,
    pub(crate) embedder: Option<&'a dyn Embedder>,
    pub(crate) store: &'a dyn FactStore,
    pub(crate) deadline: &'a Deadline,
    pub(crate) language_model: Option<&'a dyn LanguageModel>,
    pub(crate) models_used: ModelsUsed,
    /// Whether the language model has been asked.
    pub(crate) consulted: Cell<bool>,
    pub(crate) links: RefCell<Links>,
}

/// Mentions with the relations they were linked for, and whom they may mean.
pub(crate) type Links = FxHashMap<(String, Vec<(Part, Arc<str>)>), Vec<Meant>>;

/// Which models took part.
#[derive(Default)]
pub(crate) struct ModelsUsed {
    pub(crate) embedded: AtomicBool,
    pub(crate) chosen: AtomicBool,
}

/// A relation chosen for an entity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chosen {
    /// Its place in the index's list.
    pub(crate) relation: usize,
    /// The chance that it is meant.
    pub(crate) chance: f32,
    pub(crate) by: ExpansionMeans,
}

/// An entity that may be meant, with a relation that it has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judged {
    /// Its place among those that may be meant.
    pub(crate) meant: usize,
    /// The chance is that of the pair.
    pub(crate) chosen: Chosen,
}

impl Ask<'_> {
    /// The rankings of some wordings; texts that need a vector are embedded together.
    pub(crate) fn rankings(
        &self,
        wordings: &[Wording],
        embed_at_most: usize,
    ) -> Result<Vec<Arc<Ranking>>, FinderError> {
        let without = &*self.query.without.wordings;
        let may_keep = self.query.remember && without.is_empty();
        let remembers = self.config.parts.templates && may_keep;
        let known = |wording: &Wording| match remembers {
            true => self.index.rankings.get(&wording.key),
            false => None,
        };
        let mut rankings: Vec<Option<Arc<Ranking>>> = wordings.iter().map(known).collect();
        let open: Vec<usize> = (0..wordings.len()).filter(|at| rankings[*at].is_none()).collect();
        let mut texts: Vec<&str> = Vec::new();
        // Where the vectors of each open wording stand: as it is, and in other words.
        let mut places: Vec<[Option<usize>; 2]> = vec![[None; 2]; open.len()];
        if self.config.parts.embedding && self.embedder.is_some() && !self.index.vectors.is_empty() {
            for (places, at) in places.iter_mut().zip(&open).take(embed_at_most) {
                let wording = &wordings[*at];
                let other = wording.in_other_words.as_ref().map(|(_, text)| text);
                for (place, text) in places.iter_mut().zip([Some(&wording.text), other]) {
                    *place = text.map(|_| texts.len());
                    texts.extend(text.map(String::as_str));
                }
            }
        }
        let vectors = match self.embedder.filter(|_| !texts.is_empty()) {
            Some(embedder) => {
                self.models_used.embedded.store(true, Ordering::Relaxed);
                embedder.embed(&texts, self.deadline)?
            }
            None => Vec::new(),
        };
        for (places, at) in places.into_iter().zip(open) {
            self.deadline.check()?;
            let of_each = places.map(|place| place.and_then(|at| vectors.get(at)).map(Vec::as_slice));
            let wording = &wordings[at];
            let (by_words, similarity) = (self.config.parts.lexical, self.config.similarity);
            let compared = Compared { by_words, similarity, without };
            let (relations, vectors) = (&self.index.relations, &self.index.vectors);
            let ranking = Arc::new(rank(relations, vectors, wording, of_each, &compared));
            if may_keep && (of_each[0].is_some() || self.embedder.is_none()) {
                self.index.rankings.insert(wording.key.clone(), Arc::clone(&ranking));
            }
            rankings[at] = Some(ranking);
        }
        Ok(rankings.into_iter().flatten().collect())
    }

    /// Whom a mention may mean, with the relations that a wording speaks for as a hint.
    pub(crate) fn link(&self, mention: &str, scores: &[f32]) -> Result<Vec<Meant>, FinderError> {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        let relations: Vec<(Part, &str)> = (order.into_iter().take(AIMED_AT))
            .map(|at| {
                let relation = &self.index.relations.list[at];
                (side(relation.direction), &*relation.predicate)
            })
            .collect();
        self.linked(mention, &relations)
    }

    /// The relations of an entity that are ranked: of one that says the same in both directions, only one.
    pub(crate) fn owned(&self, entity: &str) -> Result<Vec<usize>, FinderError> {
        let relations = &self.index.relations;
        let mut owned: Vec<usize> = (self.store.neighbours(entity, self.deadline)?.iter())
            .filter_map(|has| relations.position(&has.predicate, has.direction))
            .collect();
        let all = owned.clone();
        owned.retain(|at| {
            let relation = &relations.list[*at];
            let forward = || relations.position(&relation.predicate, Direction::Forward);
            !relation.symmetric
                || relation.direction == Direction::Forward
                || forward().is_none_or(|forward| !all.contains(&forward))
        });
        Ok(owned)
    }

    /// Every entity that may be meant with every relation it has, and the chance of each pair beside all others', best first.
    /// `scores` are in nats, for each entity one for each relation. An entity counts by its own probability, so that one of two
    /// namesakes is meant when only it has what is asked.
    pub(crate) fn judge(
        &self,
        meant: &[Meant],
        scores: &[Vec<f32>],
        ranking: &Ranking,
    ) -> Result<Vec<Judged>, FinderError> {
        let none = ranking.weights.none;
        let best = scores.iter().flatten().copied().fold(none, f32::max);
        let mass = |score: f32| (score - best).exp();
        let mut judged = Vec::new();
        let mut owned_by_any = vec![false; self.index.relations.list.len()];
        let (mut total, mut linked) = (0.0, 0.0);
        for (at, (meant, scores)) in meant.iter().zip(scores).enumerate() {
            linked += meant.confidence;
            for relation in self.owned(&meant.entity)? {
                owned_by_any[relation] = true;
                let mass = meant.confidence * mass(scores[relation]);
                total += mass;
                let by = means(&ranking.evidence[relation]);
                judged.push(Judged { meant: at, chosen: Chosen { relation, chance: mass, by } });
            }
        }
        let not_owned = |scores: &Vec<f32>| -> f32 {
            let not_owned = scores.iter().zip(&owned_by_any).filter(|(_, owned)| !**owned);
            not_owned.map(|(score, _)| mass(*score)).sum()
        };
        let elsewhere = scores.iter().map(not_owned).fold(0.0, f32::max);
        total += ranking.weights.against(mass(none), elsewhere, ranking.strange);
        // Where somebody else is meant, whatever is asked most likely would be asked of them.
        total += (1.0 - linked).max(0.0) * mass(best.max(none));
        for pair in &mut judged {
            pair.chosen.chance /= total;
        }
        // What nothing speaks for is not answered, whatever confidence is asked for.
        judged.retain(|pair| pair.chosen.chance > 0.0);
        judged.sort_by(|a, b| b.chosen.chance.total_cmp(&a.chosen.chance));
        Ok(judged)
    }

    /// All relations as said of a subject, with the chance of each, best first.
    pub(crate) fn choose_any(&self, scores: &[f32], ranking: &Ranking) -> Vec<Chosen> {
        let top = scores.iter().copied().fold(ranking.weights.none, f32::max);
        let mass = |score: f32| (score - top).exp();
        let total: f32 = scores.iter().map(|score| mass(*score)).sum::<f32>() + mass(ranking.weights.none);
        let chosen = |(relation, score): (usize, &f32)| Chosen {
            relation,
            chance: mass(*score) / total,
            by: means(&ranking.evidence[relation]),
        };
        let mut all: Vec<Chosen> =
            scores.iter().enumerate().map(chosen).filter(|chosen| chosen.chance > 0.0).collect();
        all.sort_by(|a, b| b.chance.total_cmp(&a.chance).then(a.relation.cmp(&b.relation)));
        all
    }

    /// The facts of an entity by a relation, at most `most`.
    pub(crate) fn facts(&self, entity: &str, relation: usize, most: usize) -> Result<Vec<Fact>, FinderError> {
        let relation = &self.index.relations.list[relation];
        let predicate = Some(&*relation.predicate);
        let pattern = match relation.direction {
            Direction::Forward => Pattern { subject: Some(entity), predicate, object: None },
            Direction::Backward => Pattern { subject: None, predicate, object: Some(entity) },
        };
        let hidden = &self.query.without.entities;
        if hidden.is_empty() {
            return Ok(self.store.find(pattern, most, self.deadline)?);
        }
        let mut facts = self.store.find(pattern, usize::MAX, self.deadline)?;
        facts.retain(|fact| !hidden.contains(&fact.subject) && !hidden.contains(&fact.object));
        facts.truncate(most);
        Ok(facts)
    }

    /// The same for given relations. A request asks for some mentions again and again; each is linked once.
    fn linked(&self, mention: &str, relations: &[(Part, &str)]) -> Result<Vec<Meant>, FinderError> {
        let key =
            (mention.to_owned(), relations.iter().map(|(part, name)| (*part, Arc::from(*name))).collect());
        if let Some(known) = self.links.borrow().get(&key) {
            return Ok(known.clone());
        }
        let aim = Aim { relations, most: self.config.candidates, without: &self.query.without };
        let meant = self.tier1.link(mention, aim, self.store, self.deadline)?;
        self.links.borrow_mut().insert(key, meant.clone());
        Ok(meant)
    }

    /// Whether any fact joins an entity with what a name may mean.
    pub(crate) fn joined(&self, entity: &str, name: &str) -> Result<bool, FinderError> {
        for other in self.linked(name, &[])? {
            let one = Pattern { subject: Some(entity), predicate: None, object: Some(&other.entity) };
            let two = Pattern { subject: Some(&other.entity), predicate: None, object: Some(entity) };
            for pattern in [one, two] {
                if !self.store.find(pattern, 1, self.deadline)?.is_empty() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The least confidence of an answer.
    pub(crate) fn least(&self) -> f32 {
        self.query.min_confidence.unwrap_or(self.config.min_confidence)
    }

    /// Names of the models that took part.
    pub(crate) fn models(&self) -> Vec<Arc<str>> {
        let used = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        let embedder = self.embedder.filter(|_| used(&self.models_used.embedded)).map(Embedder::name);
        let chooser = self.language_model.filter(|_| used(&self.models_used.chosen)).map(LanguageModel::name);
        embedder.into_iter().chain(chooser).map(Arc::from).collect()
    }
}

/// The part in which an entity stands when a relation is followed from it.
pub(crate) fn side(direction: Direction) -> Part {
    match direction {
        Direction::Forward => Part::Subject,
        Direction::Backward => Part::Object,
    }
}

fn means(evidence: &Evidence) -> ExpansionMeans {
    /// From here on most telling words are shared.
    const MOSTLY_WORDS: f32 = 0.6;
    if evidence.known {
        ExpansionMeans::Wording
    } else if evidence.lexical >= MOSTLY_WORDS {
        ExpansionMeans::Lexical
    } else {
        ExpansionMeans::Embedding
    }
}
