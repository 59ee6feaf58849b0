//! Lets a language model choose where words and vectors leave open which relation is meant: among the knowledge base's own
//! relations that the entity has, and "none of them". A model that cannot answer now leaves the choice as it was.

use std::sync::Arc;
use std::time::Duration;

use find_facts_core::{EngineError, ExpansionMeans, FinderError, LanguageModel, Prompt};

use crate::ask::Ask;
use crate::question::Pair;
use crate::relations::plain;

/// Below this chance of the best relation there is nothing to choose, from the other on nothing is left open.
const OPEN: std::ops::Range<f32> = 0.1..0.75;
/// Relations that are put to the model: each costs it a few tokens.
const CHOICES: usize = 4;
/// Relations less likely than this are not put to it.
const LEAST: f32 = 0.03;
/// The model is not asked when less time is left: twenty tokens of a small model on two cores.
const TIME: Duration = Duration::from_millis(100);
/// How the model may refuse all of them.
const NONE: &str = "none of them";
/// How much the model counts beside what was known before: a small model is often sure and wrong.
const WEIGHT: f32 = 0.5;

const SYSTEM: &str =
    "You are given a question and relations of a database. Name the relation that answers the question.";

/// Chances of some relations and of none of them, as the model sees them.
pub(crate) type Opinion = Arc<[f32]>;

/// Weighs the best pairs anew, where the model has something to choose.
pub(crate) fn choose(ask: &Ask<'_>, question: &str, pairs: &mut [Pair]) -> Result<(), FinderError> {
    let Some(model) = ask.language_model.filter(|_| ask.config.parts.language_model) else { return Ok(()) };
    let Some(first) = pairs.first().filter(|first| OPEN.contains(&first.chosen.chance)) else {
        return Ok(());
    };
    if ask.deadline.remaining().is_some_and(|left| left < TIME) {
        return Ok(());
    }
    let rivals = |pair: &Pair| pair.mention == first.mention && pair.same_entities(first);
    let open: Vec<usize> = (0..pairs.len())
        .filter(|at| pairs[*at].chosen.chance >= LEAST && rivals(&pairs[*at]))
        .take(CHOICES)
        .collect();
    let names: Vec<String> = open.iter().map(|at| name_of(ask, &pairs[*at])).collect();
    let Some(opinion) = opinion(ask, model, question, &names)? else { return Ok(()) };
    ask.models_used.chosen.store(true, std::sync::atomic::Ordering::Relaxed);
    let known: f32 = open.iter().map(|at| pairs[*at].chosen.chance).sum();
    let weigh = |chance: f32, at: usize| chance * opinion[at].powf(WEIGHT);
    let none = weigh((1.0 - known).max(0.0), open.len());
    let total: f32 =
        none + open.iter().enumerate().map(|(order, at)| weigh(pairs[*at].chosen.chance, order)).sum::<f32>();
    if total > 0.0 {
        for (order, at) in open.into_iter().enumerate() {
            let chosen = &mut pairs[at].chosen;
            chosen.chance = weigh(chosen.chance, order) / total;
            chosen.by = ExpansionMeans::LanguageModel;
        }
    }
    pairs.sort_by(|a, b| b.chosen.chance.total_cmp(&a.chosen.chance));
    Ok(())
}

/// A relation in plain words, from the side of the entity.
fn name_of(ask: &Ask<'_>, pair: &Pair) -> String {
    let relation = &ask.index.relations.list[pair.chosen.relation];
    let name = plain(&relation.predicate);
    match relation.direction {
        find_facts_core::Direction::Forward => name,
        find_facts_core::Direction::Backward => format!("what has it as its {name}"),
    }
}

/// What the model thinks; `None` where it cannot say now. What it said once of a masked question it is not asked again.
fn opinion(
    ask: &Ask<'_>,
    model: &dyn LanguageModel,
    question: &str,
    names: &[String],
) -> Result<Option<Opinion>, FinderError> {
    let user = format!("Question: {question}\nRelations: {}; {NONE}", names.join("; "));
    if let Some(known) = ask.index.opinions.get(&user).filter(|_| ask.config.parts.templates) {
        return Ok(Some(known));
    }
    let prompt = Prompt { system: SYSTEM, user: &user, reply: "Relation:" };
    let continuations: Vec<String> =
        names.iter().map(String::as_str).chain([NONE]).map(|name| format!(" {name}")).collect();
    let continuations: Vec<&str> = continuations.iter().map(String::as_str).collect();
    let likelihoods = match model.score(&prompt, &continuations, ask.deadline) {
        Ok(likelihoods) if likelihoods.len() == continuations.len() => likelihoods,
        Err(EngineError::Deadline(deadline)) => return Err(deadline.into()),
        Ok(_) | Err(_) => return Ok(None),
    };
    // A longer name is not a worse one: what counts is the likelihood of each of its tokens.
    let each: Vec<f32> = (likelihoods.iter())
        .map(|likelihood| likelihood.log_probability / likelihood.tokens.max(1) as f32)
        .collect();
    let best = each.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !best.is_finite() {
        return Ok(None);
    }
    let masses: Vec<f32> = each.iter().map(|value| (value - best).exp()).collect();
    let total: f32 = masses.iter().sum();
    let opinion: Opinion = masses.into_iter().map(|mass| mass / total).collect();
    ask.index.opinions.insert(user, Arc::clone(&opinion));
    Ok(Some(opinion))
}
