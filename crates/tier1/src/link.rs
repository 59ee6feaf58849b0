//! From a mention to entities with probabilities: whole names first, then likeness, then vectors for what is left open.

use find_facts_core::{Deadline, FinderError, LinkMeans};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::codes;
use crate::comparison::compare;
use crate::config::Tier1Config;
use crate::features::{self, Nearness, Row, Standing};
use crate::iri;
use crate::means;
use crate::mention::Mention;
use crate::names::NameKind;
use crate::net::{ByFeature, softmax};
use crate::vectors::{Query, Vectors};
use crate::view::{Hidden, Layer, NameRef, View};
use crate::weights::{FULL, LEXICAL, WHOLE};

/// From this probability on the vectors would not change what is answered, only cost their milliseconds.
const SURE: f32 = 0.95;
/// What a whole name is worth that nothing speaks against; the rest is for a namesake that the knowledge base lacks.
const WHOLE_TRUST: f32 = 0.98;
/// The same for a standard code: three capitals may stand for something else.
const CODE_TRUST: f32 = 0.9;
/// What likeness is worth at most: it is never a proof.
const LIKENESS_TRUST: f32 = 0.999;
/// Names that vectors may bring in.
const BY_VECTOR: usize = 16;

static WHOLE_NET: ByFeature = ByFeature::of(&WHOLE);
static LEXICAL_NET: ByFeature = ByFeature::of(&LEXICAL);
static FULL_NET: ByFeature = ByFeature::of(&FULL);

/// What may be asked of a candidate: whether the query's other parts allow it.
pub(crate) type Fit<'a> = dyn Fn(&View, NameRef) -> Result<bool, FinderError> + 'a;
/// Turns the mention into a vector when one is needed.
pub(crate) type Embed<'a> = dyn Fn(&str) -> Result<Option<Query>, FinderError> + 'a;

/// Everything that linking one mention needs.
pub(crate) struct Linking<'a> {
    pub view: &'a View,
    pub config: &'a Tier1Config,
    /// Whether vectors take part even where nothing is open; to learn from.
    pub exhaustive: bool,
    pub hidden: &'a Hidden,
    pub fit: &'a Fit<'a>,
    /// Which share of all entities has a relation as the query asks for; an upper bound where it asks for one of several.
    pub allowed: f32,
    pub embed: &'a Embed<'a>,
    pub deadline: &'a Deadline,
}

/// One entity that a mention may mean.
#[derive(Debug, Clone)]
pub(crate) struct Ranked {
    pub name: NameRef,
    pub confidence: f32,
    pub fits: bool,
    pub by: LinkMeans,
}

/// The entities that a mention may mean, best first, and what was weighed.
#[derive(Debug, Default)]
pub(crate) struct Ranking {
    pub entities: Vec<Ranked>,
    /// Every row that was weighed, with its name; "none of them" has none.
    pub rows: Vec<(Option<NameRef>, Row)>,
    /// Whether the embedding model took part.
    pub embedded: bool,
}

/// What the candidates are and how they are weighed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Regime {
    /// Whole names: they are weighed against each other only.
    Whole,
    /// Likeness, against "none of them".
    Lexical,
    /// The same with vectors, and the best cosine of all names.
    Full { best: f32 },
}

impl Regime {
    fn net(self) -> &'static ByFeature {
        match self {
            Regime::Whole => &WHOLE_NET,
            Regime::Lexical => &LEXICAL_NET,
            Regime::Full { .. } => &FULL_NET,
        }
    }
}

/// A name that may be meant, and what speaks for and against it so far.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    at: NameRef,
    row: Row,
}

/// All of them, in the order in which they were found, each once.
#[derive(Default)]
struct Candidates {
    list: Vec<Candidate>,
    known: FxHashSet<NameRef>,
}

impl Linking<'_> {
    /// Ranks the entities that a mention may mean. An IRI that is no name itself means what its last part names.
    pub(crate) fn rank(&self, raw: &str) -> Result<Ranking, FinderError> {
        let mention = Mention::new(raw, &self.view.base.segment);
        let whole = self.whole(&mention)?;
        match iri::local_name(raw) {
            Some(name) if whole.list.is_empty() => {
                let named = Mention::new(&name, &self.view.base.segment);
                let mention = Mention { stored: mention.stored, ..named };
                let whole = self.whole(&mention)?;
                self.rank_beside(&mention, whole)
            }
            _ => self.rank_beside(&mention, whole),
        }
    }

    /// Ranks what is alike beside whole names, unless these leave nothing open.
    fn rank_beside(&self, mention: &Mention<'_>, mut candidates: Candidates) -> Result<Ranking, FinderError> {
        if settled(self.view, &candidates.list) {
            return Ok(self.weigh(mention, &candidates.list, Regime::Whole));
        }
        if !mention.is_word() {
            return Ok(Ranking::default());
        }
        if self.config.parts.lexical {
            self.add_alike(mention, &mut candidates)?;
        }
        self.deadline.check()?;
        let lexical = self.weigh(mention, &candidates.list, Regime::Lexical);
        if !self.exhaustive && lexical.entities.first().is_some_and(|best| best.confidence >= SURE) {
            return Ok(lexical);
        }
        let Some(query) = self.vector_of(mention.raw)? else { return Ok(lexical) };
        let best = self.add_neighbours(mention, &query, &mut candidates)?;
        Ok(Ranking { embedded: true, ..self.weigh(mention, &candidates.list, Regime::Full { best }) })
    }

    /// Names that are the mention but for case, diacritics, spaces and punctuation, and what a standard code stands for.
    fn whole(&self, mention: &Mention<'_>) -> Result<Candidates, FinderError> {
        let mut found = Candidates::default();
        self.add_names(mention, &mut found, false, |layer, names| {
            names.extend_from_slice(layer.dictionary.exact(&mention.key));
        })?;
        if self.config.parts.codes {
            let keys = codes::keys_of(mention.raw);
            self.add_names(mention, &mut found, true, |layer, names| {
                for key in &keys {
                    names.extend_from_slice(layer.dictionary.exact(key));
                }
            })?;
        }
        Ok(found)
    }

    fn add_alike(&self, mention: &Mention<'_>, candidates: &mut Candidates) -> Result<(), FinderError> {
        self.add_names(mention, candidates, false, |segment, names| {
            segment.dictionary.near(&mention.key, names);
            segment.ngrams.near(&mention.sound, names);
            segment.words.near(&mention.folded, names);
            segment.abbreviations.near(&mention.key, names);
            for short in mention.initials.iter().chain(&mention.contractions) {
                names.extend_from_slice(segment.dictionary.exact(short));
            }
        })
    }

    /// Adds the names that `gather` finds in each layer, each once, with whether the query allows them.
    fn add_names(
        &self,
        mention: &Mention<'_>,
        candidates: &mut Candidates,
        code: bool,
        gather: impl Fn(&crate::segment::Segment, &mut Vec<u32>),
    ) -> Result<(), FinderError> {
        for (in_delta, layer) in self.view.layers() {
            let mut names = Vec::new();
            gather(&layer.segment, &mut names);
            names.sort_unstable();
            names.dedup();
            for name in names {
                self.add(mention, candidates, NameRef { in_delta, name }, code)?;
            }
            self.deadline.check()?;
        }
        Ok(())
    }

    fn add(
        &self,
        mention: &Mention<'_>,
        candidates: &mut Candidates,
        at: NameRef,
        code: bool,
    ) -> Result<(), FinderError> {
        if candidates.known.insert(at) && self.view.shows(at, self.hidden) {
            let unfit = self.config.parts.context && !(self.fit)(self.view, at)?;
            let (name, entity) = (self.view.name(at), self.view.entity(at));
            let base = &self.view.base.segment;
            let row = features::of_name(
                mention,
                name,
                entity,
                Standing { code, unfit, allowed: self.allowed },
                base,
            );
            candidates.list.push(Candidate { at, row });
        }
        Ok(())
    }

    fn vector_of(&self, raw: &str) -> Result<Option<Query>, FinderError> {
        let any = self.view.layers().any(|(_, layer)| layer.vectors.is_some());
        if self.config.parts.embedding && any { (self.embed)(raw) } else { Ok(None) }
    }

    /// Adds the names nearest in meaning, gives every candidate its cosine, and returns the best of all.
    fn add_neighbours(
        &self,
        mention: &Mention<'_>,
        query: &Query,
        candidates: &mut Candidates,
    ) -> Result<f32, FinderError> {
        let mut best = 0.0f32;
        for (in_delta, layer) in self.view.layers() {
            let Some(vectors) = &layer.vectors else { continue };
            for (name, cosine) in vectors.nearest(query, BY_VECTOR, self.deadline)? {
                let at = NameRef { in_delta, name };
                if cosine >= self.config.similarity {
                    self.add(mention, candidates, at, false)?;
                }
                if self.view.shows(at, self.hidden) {
                    best = best.max(cosine);
                }
            }
        }
        let centre = self.view.base.vectors.as_ref().map_or(&[][..], |vectors| vectors.centre());
        let centred = query.seen_from(centre);
        // Many candidates are names of one entity.
        let mut of_entities: FxHashMap<(bool, u32), f32> = FxHashMap::default();
        for Candidate { at, row } in &mut candidates.list {
            let layer = self.view.layer(*at);
            let Some(vectors) = &layer.vectors else { continue };
            let entity = (at.in_delta, layer.segment.names[at.name as usize].entity);
            let of_entity =
                *of_entities.entry(entity).or_insert_with(|| self.of_entity(*at, layer, vectors, query));
            let cosine = vectors.cosine(at.name, query);
            let own = cosine.zip(vectors.centred_cosine(at.name, &centred));
            features::add_nearness(row, Nearness { own, of_entity }, best);
        }
        Ok(best)
    }

    /// The mean cosine of all names of a name's entity.
    fn of_entity(&self, at: NameRef, layer: &Layer, vectors: &Vectors, query: &Query) -> f32 {
        let shown = (layer.segment.names_of(at.name))
            .filter(|name| self.view.shows(NameRef { name: *name, ..at }, self.hidden));
        mean(shown.filter_map(|name| vectors.cosine(name, query)))
    }

    fn weigh(&self, mention: &Mention<'_>, candidates: &[Candidate], regime: Regime) -> Ranking {
        let best = if let Regime::Full { best } = regime { Some(best) } else { None };
        let mut rows: Vec<(Option<NameRef>, Row)> =
            candidates.iter().map(|candidate| (Some(candidate.at), candidate.row)).collect();
        if regime != Regime::Whole {
            compare(rows.iter_mut().map(|(_, row)| row), &self.entities_of(candidates));
            rows.push((None, features::of_nil(mention, self.allowed, best)));
        }
        let entities = self.entities(mention, &rows, regime);
        Ranking { entities, rows, embedded: false }
    }

    /// The entity of each candidate, numbered as they come.
    fn entities_of(&self, candidates: &[Candidate]) -> Vec<usize> {
        let mut numbers: FxHashMap<(bool, u32), usize> = FxHashMap::default();
        let mut number = |Candidate { at, .. }: &Candidate| {
            let next = numbers.len();
            *numbers.entry((at.in_delta, self.view.name(*at).entity)).or_insert(next)
        };
        candidates.iter().map(&mut number).collect()
    }

    /// The best name of each of the likeliest entities, with the entity's probability beside all others' and "none of them".
    fn entities(
        &self,
        mention: &Mention<'_>,
        rows: &[(Option<NameRef>, Row)],
        regime: Regime,
    ) -> Vec<Ranked> {
        let mut best: FxHashMap<(bool, u32), (f32, usize)> = FxHashMap::default();
        let mut nil = f32::NEG_INFINITY;
        for (at_row, (at, row)) in rows.iter().enumerate() {
            let score = regime.net().score(row);
            let Some(at) = at else {
                nil = score;
                continue;
            };
            let entity = (at.in_delta, self.view.name(*at).entity);
            let entry = best.entry(entity).or_insert((score, at_row));
            if score > entry.0 {
                *entry = (score, at_row);
            }
        }
        let mut order: Vec<(f32, usize)> = best.into_values().collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut scores: Vec<f32> = order.iter().map(|(score, _)| *score).chain([nil]).collect();
        softmax(&mut scores);
        let ranked = |(chance, (_, at_row)): (f32, (f32, usize))| {
            let (at, row) = &rows[at_row];
            at.map(|name| {
                let by = means::of(mention, self.view.name(name), row);
                Ranked { name, confidence: chance * trust(regime, by), fits: !features::is_unfit(row), by }
            })
        };
        scores.into_iter().zip(order).take(self.config.candidates.max(1)).filter_map(ranked).collect()
    }
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (count, sum) = values.fold((0u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    sum / count.max(1) as f32
}

fn trust(regime: Regime, by: LinkMeans) -> f32 {
    match (regime, by) {
        (Regime::Whole, LinkMeans::Code) => CODE_TRUST,
        (Regime::Whole, _) => WHOLE_TRUST,
        _ => LIKENESS_TRUST,
    }
}

/// Whether whole names leave nothing open: one is what an entity is called in the facts, or another name of one that fits.
fn settled(view: &View, whole: &[Candidate]) -> bool {
    whole.iter().any(|candidate| match view.name(candidate.at).kind {
        NameKind::Name => true,
        NameKind::Alias => !features::is_unfit(&candidate.row),
        NameKind::Base => false,
    })
}
