//! Near matches, ranked by one score: the chance that a fact is what was asked. Ties stand in the order in which the
//! entities, the relations and then the facts were found, which the same query always repeats.

use std::sync::Arc;

use find_facts_core::{
    Direction, Expansion, Fact, FinderAnswer, FinderError, Link, LinkMeans, Part, Pattern, RankedFact,
};

use crate::ask::Ask;
use crate::question::Question;
use crate::wording::{is_known, masked, turned};

/// Below this chance a fact is no near match, unless a query brings its own bound.
const NEAR: f32 = 0.05;
/// Relations that are tried for each entity.
const RELATIONS: usize = 5;

/// Facts that are more or less what was asked, best first.
#[derive(Default)]
struct Found {
    facts: Vec<RankedFact>,
    linked: Vec<Link>,
    expanded: Vec<Expansion>,
}

/// Ranks what is near to the query.
pub(crate) fn answer(ask: &Ask<'_>) -> Result<FinderAnswer, FinderError> {
    let mut found = Found::default();
    match &ask.query.text {
        Some(text) => found.add_question(ask, text)?,
        None => found.add_parts(ask)?,
    }
    let least = ask.query.min_confidence.unwrap_or(NEAR);
    let mut facts: Vec<RankedFact> = Vec::new();
    found.facts.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    for ranked in found.facts {
        if ranked.confidence >= least && !facts.iter().any(|known| known.fact == ranked.fact) {
            facts.push(ranked);
        }
    }
    facts.truncate(ask.query.limit);
    if facts.is_empty() {
        return Ok(FinderAnswer::default());
    }
    Ok(FinderAnswer {
        facts,
        linked: found.linked,
        expanded: found.expanded,
        models: ask.models(),
        ..FinderAnswer::default()
    })
}

/// An entity, or any, with the chance that it is meant.
type Candidate = (Option<Arc<str>>, f32);

impl Found {
    fn add_question(&mut self, ask: &Ask<'_>, text: &str) -> Result<(), FinderError> {
        let Some(question) = Question::read(ask, text)? else { return Ok(()) };
        for pair in question.pairs(ask)?.into_iter().take(RELATIONS * 2) {
            let facts = pair.facts(ask)?;
            if self.facts.is_empty() && !facts.is_empty() {
                let first = question.finished(ask, &pair, facts.clone());
                self.linked = first.linked;
                self.expanded = first.expanded;
            }
            self.add(facts, pair.chosen.chance);
        }
        Ok(())
    }

    fn add_parts(&mut self, ask: &Ask<'_>) -> Result<(), FinderError> {
        let parts = &ask.query.parts;
        let subjects = self.candidates(ask, Part::Subject)?;
        let objects = self.candidates(ask, Part::Object)?;
        for (subject, of_subject) in &subjects {
            for (object, of_object) in &objects {
                ask.deadline.check()?;
                let chance = of_subject * of_object;
                match &parts.predicate {
                    Some(predicate) if !is_known(ask, predicate)? => {
                        self.add_worded(ask, predicate, subject.as_deref(), object.as_deref(), chance)?;
                    }
                    predicate => {
                        let pattern = Pattern {
                            subject: subject.as_deref(),
                            predicate: predicate.as_deref(),
                            object: object.as_deref(),
                        };
                        self.add(ask.store.find(pattern, ask.query.limit, ask.deadline)?, chance);
                    }
                }
            }
        }
        Ok(())
    }

    fn add_worded(
        &mut self,
        ask: &Ask<'_>,
        predicate: &Arc<str>,
        subject: Option<&str>,
        object: Option<&str>,
        chance: f32,
    ) -> Result<(), FinderError> {
        let wording = masked(&ask.index.relations, predicate);
        let rankings = ask.rankings(std::slice::from_ref(&wording), 1)?;
        let Some(ranking) = rankings.first() else { return Ok(()) };
        let scores: Vec<f32> = ranking.evidence.iter().map(|evidence| evidence.score).collect();
        let chosen = match (subject, object) {
            (Some(entity), _) => ask.choose(entity, scores, ranking)?,
            (None, Some(entity)) => ask.choose(entity, turned(ask, &scores), ranking)?,
            (None, None) => ask.choose_any(&scores, ranking),
        };
        for chosen in chosen.into_iter().take(RELATIONS) {
            let relation = &ask.index.relations.list[chosen.relation];
            let forward =
                (relation.direction == Direction::Forward) == (subject.is_some() || object.is_none());
            let (subject, object) = if forward { (subject, object) } else { (object, subject) };
            let pattern = Pattern { subject, predicate: Some(&relation.predicate), object };
            let facts = ask.store.find(pattern, ask.query.limit, ask.deadline)?;
            if !facts.is_empty() && !self.expanded.iter().any(|known| known.predicate == relation.predicate) {
                self.expanded.push(Expansion {
                    given: predicate.clone(),
                    predicate: relation.predicate.clone(),
                    direction: relation.direction,
                    confidence: chosen.chance,
                    by: chosen.by,
                });
            }
            self.add(facts, chance * chosen.chance);
        }
        Ok(())
    }

    /// The entities that a part may mean; one that stands for all where the part is open.
    fn candidates(&mut self, ask: &Ask<'_>, part: Part) -> Result<Vec<Candidate>, FinderError> {
        let Some(given) = ask.query.parts.get(part) else { return Ok(vec![(None, 1.0)]) };
        let mut candidates = Vec::new();
        for meant in ask.link(given, &[])? {
            let exact = *meant.entity == **given;
            let confidence = if exact { 1.0 } else { meant.confidence };
            let by = if exact { LinkMeans::Exact } else { meant.by };
            let link = Link { part, given: given.clone(), entity: meant.entity.clone(), confidence, by };
            self.linked.push(link);
            candidates.push((Some(meant.entity), confidence));
        }
        Ok(candidates)
    }

    fn add(&mut self, facts: Vec<Fact>, confidence: f32) {
        self.facts.extend(facts.into_iter().map(|fact| RankedFact { fact, confidence }));
    }
}
