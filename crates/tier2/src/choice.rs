//! Lets a language model choose between relations that words and vectors hold for as likely. A model that cannot answer now leaves
//! the choice as it was.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use find_facts_core::{Deadline, EngineError, ExpansionMeans, FinderError, LanguageModel, Prompt};

use crate::ask::Ask;
use crate::question::Pair;
use crate::relations::plain;

/// A rival with this share of the best one's chance is as likely.
const AS_LIKELY: f32 = 0.8;
/// Relations that are put to the model: each costs it a few tokens.
const CHOICES: usize = 4;
/// The model is not asked when it would have less time: twenty tokens of a small model on two cores.
const LEAST_TIME: Duration = Duration::from_millis(100);
/// It gets at most so much of the request's time: whoever waits for it in vain still has an answer within 250 ms.
const MOST_TIME: Duration = Duration::from_millis(200);
/// What is kept of the request's time for answering after it.
const AFTERWARDS: Duration = Duration::from_millis(50);
/// How much the model counts beside what was known before: a small model is often sure and wrong.
const WEIGHT: f32 = 0.5;

const SYSTEM: &str =
    "You are given a question and relations of a database. Name the relation that answers the question.";

/// Chances of some relations, as the model sees them.
pub(crate) type Opinion = Arc<[f32]>;

/// Shares the chances of the best pair and its rivals anew; what speaks against all of them stays, and the one that is chosen is as
/// likely as the best one was. Elsewhere a small model's doubts do more harm than good.
pub(crate) fn choose(ask: &Ask<'_>, question: &str, pairs: &mut [Pair]) -> Result<(), FinderError> {
    let Some(model) = ask.language_model.filter(|_| ask.config.parts.language_model) else { return Ok(()) };
    let Some(first) = pairs.first() else { return Ok(()) };
    let is_rival = |pair: &Pair| {
        pair.chosen.chance >= first.chosen.chance * AS_LIKELY
            && pair.mention == first.mention
            && pair.same_entities(first)
    };
    let open: Vec<usize> = (0..pairs.len()).filter(|at| is_rival(&pairs[*at])).take(CHOICES).collect();
    let chances: Vec<f32> = open.iter().map(|at| pairs[*at].chosen.chance).collect();
    let (best, all) = (first.chosen.chance, chances.iter().sum::<f32>());
    if open.len() < 2 || all < ask.least() {
        return Ok(());
    }
    let names: Vec<String> = open.iter().map(|at| name_of(ask, &pairs[*at])).collect();
    let Some(opinion) = opinion(ask, model, question, &names)? else { return Ok(()) };
    ask.models_used.chosen.store(true, Ordering::Relaxed);
    let weighed: Vec<f32> =
        chances.iter().zip(&*opinion).map(|(chance, opinion)| chance * opinion.powf(WEIGHT)).collect();
    let (total, most) = (weighed.iter().sum::<f32>(), weighed.iter().copied().fold(0.0, f32::max));
    if total > 0.0 {
        for (at, weighed) in open.into_iter().zip(weighed) {
            let least = if weighed < most { 0.0 } else { best };
            let chosen = &mut pairs[at].chosen;
            chosen.chance = least.max(all * weighed / total);
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

/// The part of a request's time that the model gets; `None` where it is too little.
fn time_for_it(deadline: &Deadline) -> Option<Deadline> {
    let Some(left) = deadline.remaining() else { return Some(deadline.clone()) };
    let most = left.saturating_sub(AFTERWARDS).min(MOST_TIME);
    (most >= LEAST_TIME).then(|| deadline.within(most))
}

/// How seldom a model is asked that was too late: after one such question the next goes by without it, then two, four, up to 64;
/// until it is in time again. On a machine too busy for it, it would cost every such question its time and answer none.
#[derive(Debug, Default)]
pub(crate) struct Reluctance(Mutex<Lateness>);

#[derive(Debug, Default)]
struct Lateness {
    /// Questions that still go by.
    left: u32,
    /// How many go by after the next one that is too late.
    next: u32,
    /// How often the model was found to be too late.
    found: u64,
}

/// A question that the model is asked, by how often it had been found to be too late before.
#[derive(Debug, Clone, Copy)]
struct Asked(u64);

impl Reluctance {
    const MOST: u32 = 64;

    /// The model is to be asked now; `None` where this question goes by.
    fn ask(&self) -> Option<Asked> {
        let mut lateness = self.lock();
        match lateness.left.checked_sub(1) {
            Some(left) => {
                lateness.left = left;
                None
            }
            None => Some(Asked(lateness.found)),
        }
    }

    /// Of those that were under way together the first one counts: the others tell of the same moment.
    fn too_late(&self, asked: Asked) {
        let mut lateness = self.lock();
        if asked.0 == lateness.found {
            let left = lateness.next.max(1);
            *lateness = Lateness { left, next: (left * 2).min(Self::MOST), found: asked.0 + 1 };
        }
    }

    fn in_time(&self) {
        self.lock().next = 0;
    }

    fn lock(&self) -> MutexGuard<'_, Lateness> {
        // What it guards is whole between any two statements.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the model thinks; `None` where it cannot say now. What it said once of a masked question it is not asked again, and a request
/// asks it once, however often its question is read.
fn opinion(
    ask: &Ask<'_>,
    model: &dyn LanguageModel,
    question: &str,
    names: &[String],
) -> Result<Option<Opinion>, FinderError> {
    let user = format!("Question: {question}\nRelations: {}", names.join("; "));
    let remembers = ask.config.parts.templates && ask.query.remember;
    if let Some(known) = ask.index.opinions.get(&user).filter(|_| remembers) {
        return Ok(Some(known));
    }
    let Some(deadline) = time_for_it(ask.deadline).filter(|_| !ask.consulted.get()) else { return Ok(None) };
    // A query that is not remembered takes no other's turn, and tells nothing of how late the model is.
    let asked = match ask.query.remember.then(|| ask.index.reluctance.ask()) {
        Some(None) => return Ok(None),
        asked => asked.flatten(),
    };
    ask.consulted.set(true);
    let prompt = Prompt { system: SYSTEM, user: &user, reply: "Relation:" };
    let continuations: Vec<String> = names.iter().map(|name| format!(" {name}")).collect();
    let continuations: Vec<&str> = continuations.iter().map(String::as_str).collect();
    let likelihoods = match model.score(&prompt, &continuations, &deadline) {
        Ok(likelihoods) if likelihoods.len() == continuations.len() => likelihoods,
        Err(EngineError::Deadline(_)) => {
            ask.deadline.check()?;
            asked.into_iter().for_each(|asked| ask.index.reluctance.too_late(asked));
            return Ok(None);
        }
        Ok(_) | Err(_) => return Ok(None),
    };
    if asked.is_some() {
        ask.index.reluctance.in_time();
    }
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
    if ask.query.remember {
        ask.index.opinions.insert(user, Arc::clone(&opinion));
    }
    Ok(Some(opinion))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many questions go by before the next one is asked, and that one.
    fn next_asked(reluctance: &Reluctance) -> (usize, Asked) {
        (0..100).find_map(|gone_by| reluctance.ask().map(|asked| (gone_by, asked))).unwrap()
    }

    #[test]
    fn a_model_that_is_too_late_is_asked_less_and_less_until_it_is_in_time() {
        let reluctance = Reluctance::default();
        let (gone_by, mut asked) = next_asked(&reluctance);
        assert_eq!(gone_by, 0);
        for expected in [1, 2, 4, 8, 16, 32, 64, 64, 64] {
            reluctance.too_late(asked);
            let (gone_by, next) = next_asked(&reluctance);
            assert_eq!(gone_by, expected);
            asked = next;
        }
        reluctance.in_time();
        let (gone_by, asked) = next_asked(&reluctance);
        assert_eq!(gone_by, 0);
        reluctance.too_late(asked);
        assert_eq!(next_asked(&reluctance).0, 1);
    }

    #[test]
    fn questions_that_were_under_way_together_count_as_one_that_was_too_late() {
        let reluctance = Reluctance::default();
        let together: Vec<Asked> = (0..8).map(|_| next_asked(&reluctance).1).collect();
        together.iter().for_each(|asked| reluctance.too_late(*asked));
        let (gone_by, next) = next_asked(&reluctance);
        assert_eq!(gone_by, 1);
        reluctance.too_late(next);
        // One of the first, heard of last.
        reluctance.too_late(together[0]);
        assert_eq!(next_asked(&reluctance).0, 2);
    }

    #[test]
    fn the_model_gets_no_more_than_its_part_of_the_time() {
        let clock = Arc::new(find_facts_core::SystemClock);
        let part = |ms| time_for_it(&Deadline::after(Duration::from_millis(ms), clock.clone()));
        assert!(part(140).is_none());
        assert!(part(5000).and_then(|part| part.remaining()).is_some_and(|left| left <= MOST_TIME));
        assert_eq!(time_for_it(&Deadline::none()).and_then(|part| part.remaining()), None);
    }
}
