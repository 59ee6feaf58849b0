//! From a query to facts: links the parts that need it, lets each part help to link the other, and looks up what matches.
//! A link without matching facts answers nothing.

use std::sync::Arc;

use find_facts_core::{
    Deadline, Fact, FactStore, FindQuery, FinderAnswer, FinderError, Link, LinkMeans, Part, Pattern,
    RankedFact,
};

use crate::config::Tier1Config;
use crate::link::{Embed, Linking, Ranking};
use crate::view::{Hidden, NameRef, View};

/// Everything that one query needs.
pub(crate) struct Search<'a> {
    pub query: &'a FindQuery,
    pub store: &'a dyn FactStore,
    pub view: &'a View,
    pub config: &'a Tier1Config,
    pub hidden: &'a Hidden,
    pub embed: &'a Embed<'a>,
    pub deadline: &'a Deadline,
    pub exhaustive: bool,
}

/// The parts of a query as far as they are settled.
type Fixed<'a> = Pattern<'a>;

/// What was linked, and whether a model took part.
#[derive(Default)]
struct Found {
    links: Vec<Link>,
    facts: Vec<Fact>,
    embedded: bool,
}

impl Search<'_> {
    /// Facts that answer the query, or none.
    pub(crate) fn answer(&self, model: Option<&str>) -> Result<FinderAnswer, FinderError> {
        let parts = &self.query.parts;
        let predicate = parts.predicate.as_deref();
        if predicate.is_some() && self.facts(Pattern { predicate, ..Pattern::default() }, 1)?.is_empty() {
            return Ok(FinderAnswer::default());
        }
        let base = Pattern { predicate, ..Pattern::default() };
        let found = match (&parts.subject, &parts.object) {
            (Some(subject), None) => self.one(Part::Subject, subject, base)?,
            (None, Some(object)) => self.one(Part::Object, object, base)?,
            (Some(subject), Some(object)) => self.both(subject, object, base)?,
            (None, None) => Found::default(),
        };
        Ok(self.finished(found, model))
    }

    /// The ranking of the only part that is to be linked; to learn from.
    pub(crate) fn inspect(&self) -> Result<Ranking, FinderError> {
        let parts = &self.query.parts;
        let base = Pattern { predicate: parts.predicate.as_deref(), ..Pattern::default() };
        match (&parts.subject, &parts.object) {
            (Some(subject), None) => self.rank(Part::Subject, subject, base),
            (None, Some(object)) => self.rank(Part::Object, object, base),
            _ => Ok(Ranking::default()),
        }
    }

    /// Links one part; the others are as `fixed` says.
    fn one(&self, part: Part, given: &Arc<str>, fixed: Fixed<'_>) -> Result<Found, FinderError> {
        let ranking = self.rank(part, given, fixed)?;
        let least = self.query.min_confidence.unwrap_or(self.config.min_confidence);
        for ranked in ranking.entities.iter().filter(|ranked| ranked.fits && ranked.confidence >= least) {
            let entity = self.view.entity(ranked.name).name.clone();
            let facts = self.facts(with(fixed, part, &entity), self.query.limit)?;
            if !facts.is_empty() {
                let confidence = ranked.confidence;
                let link = Link { part, given: given.clone(), entity, confidence, by: ranked.by };
                return Ok(Found { links: vec![link], facts, embedded: ranking.embedded });
            }
        }
        Ok(Found { embedded: ranking.embedded, ..Found::default() })
    }

    /// Links both parts: one of them if the other is a name as it stands, else the subject first.
    fn both(&self, subject: &Arc<str>, object: &Arc<str>, base: Fixed<'_>) -> Result<Found, FinderError> {
        let mut embedded = false;
        for (known, part, open) in [(subject, Part::Subject, object), (object, Part::Object, subject)] {
            if self.store.entity(known, self.deadline)?.is_some() {
                let other = if part == Part::Subject { Part::Object } else { Part::Subject };
                let mut found = self.one(other, open, with(base, part, known))?;
                embedded |= found.embedded;
                if !found.facts.is_empty() {
                    found.links.push(as_it_stands(part, known));
                    found.links.sort_by_key(|link| link.part);
                    return Ok(found);
                }
            }
        }
        let first = self.one(Part::Subject, subject, base)?;
        let Some(link) = first.links.first() else {
            return Ok(Found { embedded: embedded | first.embedded, ..Found::default() });
        };
        let mut found = self.one(Part::Object, object, with(base, Part::Subject, &link.entity))?;
        found.embedded |= embedded | first.embedded;
        if !found.facts.is_empty() {
            found.links.insert(0, link.clone());
        }
        Ok(found)
    }

    fn rank(&self, part: Part, given: &str, fixed: Fixed<'_>) -> Result<Ranking, FinderError> {
        let fit = |view: &View, at: NameRef| self.fits(view, at, part, fixed);
        let asked = self.config.parts.context.then_some((part, fixed.predicate));
        Linking {
            view: self.view,
            config: self.config,
            exhaustive: self.exhaustive,
            hidden: self.hidden,
            fit: &fit,
            allowed: self.view.base.segment.profiles.share(asked),
            embed: self.embed,
            deadline: self.deadline,
        }
        .rank(given)
    }

    /// Whether facts with this entity in this part can match what is fixed.
    fn fits(&self, view: &View, at: NameRef, part: Part, fixed: Fixed<'_>) -> Result<bool, FinderError> {
        let entity = view.entity(at);
        if !view.layer(at).segment.profiles.fits(entity.profile, part, fixed.predicate) {
            return Ok(false);
        }
        if fixed.subject.is_none() && fixed.object.is_none() {
            return Ok(true);
        }
        Ok(!self.store.find(with(fixed, part, &entity.name), 1, self.deadline)?.is_empty())
    }

    /// Facts that match, without those that mention what is hidden.
    fn facts(&self, pattern: Pattern<'_>, limit: usize) -> Result<Vec<Fact>, FinderError> {
        if self.query.without.entities.is_empty() {
            return Ok(self.store.find(pattern, limit, self.deadline)?);
        }
        let mut facts = self.store.find(pattern, usize::MAX, self.deadline)?;
        facts.retain(|fact| !self.hidden.mentions(&fact.subject) && !self.hidden.mentions(&fact.object));
        facts.truncate(limit);
        Ok(facts)
    }

    fn finished(&self, found: Found, model: Option<&str>) -> FinderAnswer {
        let confidence: f32 = found.links.iter().map(|link| link.confidence).product();
        FinderAnswer {
            facts: found.facts.into_iter().map(|fact| RankedFact { fact, confidence }).collect(),
            linked: found.links,
            models: model.filter(|_| found.embedded).map(Arc::from).into_iter().collect(),
            ..FinderAnswer::default()
        }
    }
}

fn with<'a>(fixed: Fixed<'a>, part: Part, text: &'a str) -> Fixed<'a> {
    match part {
        Part::Subject => Pattern { subject: Some(text), ..fixed },
        Part::Predicate => Pattern { predicate: Some(text), ..fixed },
        Part::Object => Pattern { object: Some(text), ..fixed },
    }
}

fn as_it_stands(part: Part, text: &Arc<str>) -> Link {
    Link { part, given: text.clone(), entity: text.clone(), confidence: 1.0, by: LinkMeans::Exact }
}
