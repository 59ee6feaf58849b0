//! Answers a query whose predicate is a wording: the relation is chosen among those that the linked entity really has.

use std::sync::Arc;

use find_facts_core::{
    Direction, Expansion, FinderAnswer, FinderError, Link, LinkMeans, Part, Pattern, RankedFact,
};
use find_facts_tier1::Meant;

use crate::ask::{Ask, Chosen, side};
use crate::english::tokens;
use crate::rank::{Ranking, Wording};
use crate::reading::Wants;
use crate::relations::{Relations, Shape, plain};

/// Answers a query of parts.
pub(crate) fn answer(ask: &Ask<'_>) -> Result<FinderAnswer, FinderError> {
    let parts = &ask.query.parts;
    let Some(wording) = &parts.predicate else { return Ok(FinderAnswer::default()) };
    let given = match (&parts.subject, &parts.object) {
        (Some(subject), _) => (Part::Subject, subject),
        (None, Some(object)) => (Part::Object, object),
        (None, None) => return Ok(FinderAnswer::default()),
    };
    let masked = masked(&ask.index.relations, wording);
    let rankings = ask.rankings(std::slice::from_ref(&masked), 1)?;
    let Some(ranking) = rankings.first() else { return Ok(FinderAnswer::default()) };
    let (part, mention) = given;
    // The wording is said of the subject. Where the object is given, what is said leads to it.
    let scores: Vec<f32> = match part {
        Part::Subject => ranking.evidence.iter().map(|evidence| evidence.score).collect(),
        _ => turned(ask, &ranking.evidence.iter().map(|evidence| evidence.score).collect::<Vec<f32>>()),
    };
    let mut meant = ask.link(mention, &scores)?;
    if ask.store.entity(mention, ask.deadline)?.is_some() {
        meant.retain(|meant| *meant.entity == **mention);
        meant.iter_mut().for_each(|meant| meant.confidence = 1.0);
    }
    let of_each = vec![scores; meant.len()];
    for judged in ask.judge(&meant, &of_each, ranking)? {
        let (meant, chosen) = (&meant[judged.meant], judged.chosen);
        let confidence = chosen.chance;
        let relation = &ask.index.relations.list[chosen.relation];
        if confidence < ask.least() {
            break;
        }
        let mut facts = ask.facts(&meant.entity, chosen.relation, usize::MAX)?;
        if let (Part::Subject, Some(object)) = (part, &parts.object) {
            let other = if relation.direction == Direction::Forward { Part::Object } else { Part::Subject };
            let wanted = ask.same(object)?;
            facts.retain(|fact| wanted.contains(fact.part(other)));
        }
        facts.truncate(ask.query.limit);
        if facts.is_empty() {
            continue;
        }
        let by = if *meant.entity == **mention { LinkMeans::Exact } else { meant.by };
        return Ok(FinderAnswer {
            facts: facts.into_iter().map(|fact| RankedFact { fact, confidence }).collect(),
            linked: vec![Link {
                part: side(relation.direction),
                given: mention.clone(),
                entity: meant.entity.clone(),
                confidence: meant.confidence,
                by,
            }],
            expanded: vec![Expansion {
                given: wording.clone(),
                predicate: relation.predicate.clone(),
                direction: relation.direction,
                confidence: chosen.chance,
                by: chosen.by,
            }],
            models: ask.models(),
            ..FinderAnswer::default()
        });
    }
    Ok(FinderAnswer::default())
}

impl Ask<'_> {
    /// The relations of an entity with the chance of each, best first.
    pub(crate) fn choose(
        &self,
        entity: &str,
        scores: Vec<f32>,
        ranking: &Ranking,
    ) -> Result<Vec<Chosen>, FinderError> {
        let meant = Meant { entity: entity.into(), confidence: 1.0, fits: true, by: LinkMeans::Exact };
        let judged = self.judge(&[meant], &[scores], ranking)?;
        Ok(judged.into_iter().map(|judged| judged.chosen).collect())
    }

    /// The entities that an object may mean.
    fn same(&self, object: &str) -> Result<Vec<Arc<str>>, FinderError> {
        Ok(self.link(object, &[])?.into_iter().map(|meant| meant.entity).collect())
    }
}

/// A wording as it is compared: said of a subject.
pub(crate) fn masked(relations: &Relations, wording: &str) -> Wording {
    let text = said(&plain(wording));
    let words = tokens(&text);
    let other = relations.in_other_words(&words).map(|words| {
        let text: Vec<&str> = words.iter().map(|token| &*token.folded).collect();
        (Shape::new(&words, None, None), text.join(" "))
    });
    Wording {
        shape: Shape::new(&words, None, None),
        wants: Wants::default(),
        key: format!("\u{0}{text}"),
        plain: text.clone(),
        text,
        in_other_words: other,
    }
}

/// A wording without the auxiliaries that it begins with: "was born in" and "born in" are one.
fn said(plain: &str) -> String {
    const AUXILIARIES: &[&str] =
        &["is", "are", "was", "were", "has", "have", "had", "been", "be", "the", "a", "an"];
    let words: Vec<&str> = plain.split(' ').collect();
    let from = words.iter().position(|word| !AUXILIARIES.contains(word)).unwrap_or(0);
    words[from..].join(" ")
}

/// Each relation with the score of the same relation in the other direction.
pub(crate) fn turned(ask: &Ask<'_>, scores: &[f32]) -> Vec<f32> {
    let list = &ask.index.relations.list;
    (0..scores.len())
        .map(|at| {
            let turned = match list[at].direction {
                Direction::Forward => Direction::Backward,
                Direction::Backward => Direction::Forward,
            };
            ask.index
                .relations
                .position(&list[at].predicate, turned)
                .map_or(f32::NEG_INFINITY, |at| scores[at])
        })
        .collect()
}

/// Whether a predicate stands in the knowledge base as it was given.
pub(crate) fn is_known(ask: &Ask<'_>, predicate: &str) -> Result<bool, FinderError> {
    let pattern = Pattern { predicate: Some(predicate), ..Pattern::default() };
    Ok(!ask.store.find(pattern, 1, ask.deadline)?.is_empty())
}
