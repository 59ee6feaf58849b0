//! Answers whether something is so: yes, with the fact that says it; no, where the relation has one value and it is another.
//! Where the knowledge base is silent, so is the answer.

use std::sync::Arc;

use find_facts_core::{Direction, ExpansionMeans, Fact, FinderAnswer, FinderError, Part, Pattern};
use find_facts_tier1::Meant;

use crate::ask::{Ask, Chosen, Judged};
use crate::english::Role;
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
            // What is not said to lie in one place may lie in it by way of another.
            if !is_in(question, first, second) {
                denied = denied.or(contradicted(ask, question, first, second)?);
            }
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
    let is_in = is_in(question, first, second);
    for one in few(ask, question, first)? {
        for two in few(ask, question, second)? {
            let facts = joining(ask, &one.entity, &two.entity)?;
            if facts.is_empty() {
                continue;
            }
            if is_in && let Some(yes) = lies_in(ask, question, first, [&one, &two], &facts) {
                return Ok(Some(yes));
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

/// Whether a question says no more than that one is in the other: "Is Turkey in Asia?"
fn is_in(question: &Question<'_>, first: &Mention, second: &Mention) -> bool {
    const IN: &[&str] = &["in", "on", "at", "within", "from"];
    let outside = |at: &usize| !first.words.contains(at) && !second.words.contains(at);
    let between = first.words.end..second.words.start;
    between.clone().any(|at| IN.contains(&&*question.tokens[at].folded))
        && (0..question.tokens.len())
            .filter(outside)
            .all(|at| question.tokens[at].role == Role::Glue || question.asks_with(at))
}

/// That one is in the other: by a relation of which many things have the same one value.
fn lies_in(
    ask: &Ask<'_>,
    question: &Question<'_>,
    first: &Mention,
    [one, two]: [&Meant; 2],
    facts: &[Fact],
) -> Option<FinderAnswer> {
    let relations = &ask.index.relations;
    let relation_of = |fact: &&Fact| {
        let [forward, backward] = [Direction::Forward, Direction::Backward]
            .map(|direction| relations.position(&fact.predicate, direction));
        let (forward, backward) = forward.zip(backward)?;
        let [of_one, of_value] = [forward, backward].map(|at| relations.list[at].fan);
        (fact.subject == one.entity && of_one <= ONE_VALUE && of_value > ONE_VALUE).then_some(forward)
    };
    let (fact, relation) = facts.iter().find_map(|fact| Some((fact, relation_of(&fact)?)))?;
    let chance = one.confidence * two.confidence;
    let chosen = Chosen { relation, chance, by: ExpansionMeans::Lexical };
    let pair = Pair { mention: first.words.clone(), meant: vec![one.clone()], chosen };
    (chance >= ask.least()).then(|| with_answer(question.finished(ask, &pair, vec![fact.clone()]), "yes"))
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
