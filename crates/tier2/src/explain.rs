//! What speaks against a mention and a relation: words of the question that neither explains, and names that are left over.

use std::ops::Range;

use find_facts_core::FinderError;

use crate::ask::Ask;
use crate::english::{Kind, Role, is_denial, is_reckoning, kind_of};
use crate::question::Question;
use crate::rank::Ranking;
use crate::reading::{Form, is_polar_verb};
use crate::relations::Relation;

/// What an unexplained name costs that was left over, and a word of a name, in nats. Other words are weighed by
/// [`Weights`](crate::weights::Weights).
const UNEXPLAINED_NAME: f32 = 5.0;
const UNEXPLAINED_CAPITAL: f32 = 2.5;
/// The same beside the mention for a capital, or for a word that no relation knows: the mention is a part of a longer name.
const CUT_OFF: f32 = 6.0;
/// The same for a word that asks to count or compare: no single fact answers that.
const RECKONING: f32 = 5.0;
/// The same for a word that denies: whatever is known says the contrary.
const DENIAL: f32 = 20.0;
/// What it costs to answer "how many" with a name.
const NO_NUMBER: f32 = 6.0;

impl Question<'_> {
    /// What the words cost that neither the mention nor the relation explains.
    pub(crate) fn unexplained(
        &self,
        ask: &Ask<'_>,
        ranking: &Ranking,
        mention: &Range<usize>,
        other: Option<&Range<usize>>,
        relation: usize,
    ) -> f32 {
        let relation = &ask.index.relations.list[relation];
        let mut cost = 0.0;
        if self.form == Form::Count && !self.is_number_of(relation) {
            cost += NO_NUMBER;
        }
        for (at, token) in self.tokens.iter().enumerate() {
            let beside = at + 1 == mention.start || at == mention.end;
            let capital = token.capital && at > 0 && self.spelled;
            let explained = mention.contains(&at)
                || other.is_some_and(|other| other.contains(&at))
                || token.role != Role::Content
                || self.asks_with(at)
                || (relation.words.contains(&token.stem) && !(capital && beside))
                || (kind_of(token.stem).is_some() && !capital);
            if explained {
                continue;
            }
            if is_denial(&token.folded) {
                cost += DENIAL;
                continue;
            }
            if is_reckoning(&token.folded) {
                cost += RECKONING;
                continue;
            }
            cost += if capital { UNEXPLAINED_CAPITAL } else { ranking.weights.unexplained };
            let foreign = !self.spelled && !ask.index.relations.words.contains(&token.stem);
            if beside && (capital || foreign) {
                cost += CUT_OFF;
            }
        }
        cost
    }

    /// Whether a word is the verb with which a yes-or-no question begins: "Isn't X in Y?" asks what "Is X in Y?" does.
    pub(crate) fn asks_with(&self, at: usize) -> bool {
        at == 0 && self.form == Form::Polar && is_polar_verb(&self.tokens[at].folded)
    }

    /// Whether a relation gives the number of what is counted: people, in "how many people".
    fn is_number_of(&self, relation: &Relation) -> bool {
        let many = self.tokens.iter().position(|token| token.folded == "many").unwrap_or(0);
        let counted = self.tokens[many + 1..].iter().find(|token| token.role == Role::Content);
        relation.answers.contains(&Kind::Number)
            && counted.is_none_or(|counted| relation.words.contains(&counted.stem))
    }

    /// What names cost that are left over: unless the knowledge base joins them with the entity, the question asks for more.
    pub(crate) fn left_over(
        &self,
        ask: &Ask<'_>,
        mention: &Range<usize>,
        entity: &str,
    ) -> Result<f32, FinderError> {
        let relation_words = &ask.index.relations.words;
        let apart = |words: &Range<usize>| words.end <= mention.start || words.start >= mention.end;
        let mut cost = 0.0;
        let mut from = 0;
        for name in self.named.iter().filter(|name| name.whole && apart(&name.words)) {
            let tokens = &self.tokens[name.words.clone()];
            let telling = tokens.iter().any(|token| {
                token.role == Role::Content
                    && (token.capital && self.spelled
                        || !self.spelled
                            && !relation_words.contains(&token.stem)
                            && kind_of(token.stem).is_none())
            });
            if !telling || name.words.start < from {
                continue;
            }
            from = name.words.end;
            let other = self.text_of(&name.words);
            let joined = ask.joined(entity, other)?;
            if !joined {
                cost += UNEXPLAINED_NAME;
            }
        }
        Ok(cost)
    }
}
