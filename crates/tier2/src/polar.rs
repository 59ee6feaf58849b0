//! Answers whether something is so: yes, with the fact that says it; no, where the relation has one value and it is another.
//! Where the knowledge base is silent, so is the answer.

use std::sync::Arc;

use find_facts_core::{Direction, Fact, FinderAnswer, FinderError, Part, Pattern};
use find_facts_tier1::Meant;

use crate::ask::{Ask, Chosen, Judged};
use crate::mentions::Mention;
use crate::question::{Pair, Question};

/// Entities that each mention is tried as.
const TRIED: usize = 3;
/// A relation with at most this many values for one entity, on average, has one.
const ONE_VALUE: f32 = 1.05;

/// Answers a yes-or-no question, which names two entities.
pub(crate) fn answer(ask: &Ask<'_>, question: &Question<'_>) -> Result<FinderAnswer, FinderError> {
    let known = question.known(ask);
    let mut denied = None;
    for (at, one) in known.iter().enumerate() {
        for two in known.iter().skip(at + 1).filter(|two| apart(one, two)) {
            let (first, second) = if one.words.start < two.words.start { (one, two) } else { (two, one) };
            if let Some(yes) = said(ask, question, first, second)? {
                return Ok(yes);
            }
            denied = denied.or(contradicted(ask, question, first, second)?);
        }
    }
    Ok(denied.unwrap_or_default())
}

fn apart(one: &Mention, two: &Mention) -> bool {
    one.words.end <= two.words.start || two.words.end <= one.words.start
}

/// The fact that says what is asked, if there is one.
fn said(
    ask: &Ask<'_>,
    question: &Question<'_>,
    first: &Mention,
    second: &Mention,
) -> Result<Option<FinderAnswer>, FinderError> {
    for one in few(ask, question, first)? {
        for two in few(ask, question, second)? {
            let facts = joining(ask, &one.entity, &two.entity)?;
            if facts.is_empty() {
                continue;
            }
            for pair in pairs(ask, question, first, second, &one)? {
                let confidence = pair.chosen.chance * two.confidence;
                if confidence < ask.least() {
                    break;
                }
                let relation = &ask.index.relations.list[pair.chosen.relation];
                let says = |fact: &&Fact| {
                    let stands =
                        if relation.direction == Direction::Forward { &fact.subject } else { &fact.object };
                    fact.predicate == relation.predicate && *stands == one.entity
                };
                if let Some(fact) = facts.iter().find(says) {
                    let pair = pair.with(confidence);
                    return Ok(Some(with_answer(question.finished(ask, &pair, vec![fact.clone()]), "yes")));
                }
            }
        }
    }
    Ok(None)
}

/// A fact that leaves no room for what is asked, if there is one.
fn contradicted(
    ask: &Ask<'_>,
    question: &Question<'_>,
    first: &Mention,
    second: &Mention,
) -> Result<Option<FinderAnswer>, FinderError> {
    for (about, other) in [(first, second), (second, first)] {
        let Some(one) = few(ask, question, about)?.into_iter().next() else { continue };
        let Some(two) = few(ask, question, other)?.into_iter().next() else { continue };
        let Some(pair) = pairs(ask, question, about, other, &one)?.into_iter().next() else { continue };
        let relation = &ask.index.relations.list[pair.chosen.relation];
        let confidence = pair.chosen.chance * two.confidence;
        let one_value = relation.direction == Direction::Forward && relation.fan <= ONE_VALUE;
        // The other entity has to be one that the relation could have led to.
        let pattern =
            Pattern { predicate: Some(&relation.predicate), object: Some(&two.entity), ..Pattern::default() };
        if confidence < ask.least() || !one_value || ask.store.find(pattern, 1, ask.deadline)?.is_empty() {
            continue;
        }
        let facts = ask.facts(&one.entity, pair.chosen.relation, ask.query.limit)?;
        if !facts.is_empty() {
            let pair = pair.with(confidence);
            return Ok(Some(with_answer(question.finished(ask, &pair, facts), "no")));
        }
    }
    Ok(None)
}

fn with_answer(answer: FinderAnswer, said: &str) -> FinderAnswer {
    FinderAnswer { answers: vec![Arc::from(said)], ..answer }
}

fn few(ask: &Ask<'_>, question: &Question<'_>, mention: &Mention) -> Result<Vec<Meant>, FinderError> {
    let mut meant = ask.link(question.text_of(&mention.words), &[])?;
    meant.truncate(TRIED);
    Ok(meant)
}

/// What may be asked of an entity, with the second mention out of the way.
fn pairs(
    ask: &Ask<'_>,
    question: &Question<'_>,
    about: &Mention,
    other: &Mention,
    meant: &Meant,
) -> Result<Vec<Pair>, FinderError> {
    let wording = question.masked(ask, &about.words, Some(&other.words));
    let rankings = ask.rankings(std::slice::from_ref(&wording), 1)?;
    let Some(ranking) = rankings.first() else { return Ok(Vec::new()) };
    let scores = question.scores(ask, about, Some(&other.words), ranking);
    let pair = |judged: Judged| Pair {
        mention: about.words.clone(),
        meant: vec![meant.clone()],
        chosen: judged.chosen,
    };
    let judged = ask.judge(std::slice::from_ref(meant), &[scores], ranking)?;
    Ok(judged.into_iter().map(pair).collect())
}

impl Pair {
    fn with(self, chance: f32) -> Self {
        Self { chosen: Chosen { chance, ..self.chosen }, ..self }
    }
}

fn joining(ask: &Ask<'_>, one: &str, two: &str) -> Result<Vec<Fact>, FinderError> {
    /// Two entities are hardly joined by more.
    const MOST: usize = 16;
    let mut facts = Vec::new();
    for (subject, object) in [(one, two), (two, one)] {
        let pattern = Pattern { subject: Some(subject), predicate: None, object: Some(object) };
        facts.extend(ask.store.find(pattern, MOST, ask.deadline)?);
    }
    let hidden = &ask.query.without.entities;
    facts.retain(|fact| {
        !hidden.contains(fact.part(Part::Subject)) && !hidden.contains(fact.part(Part::Object))
    });
    Ok(facts)
}
