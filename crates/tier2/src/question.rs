//! Answers a plain question: every mention that may be meant is tried with every relation that its entity really has, and the
//! best pair answers if it is good enough. A word that neither the mention nor the relation explains speaks against both.

use std::ops::Range;
use std::sync::Arc;

use find_facts_core::{Expansion, Fact, FinderAnswer, FinderError, Link, LinkMeans, RankedFact};
use find_facts_tier1::Meant;

use crate::ask::{Ask, Chosen, side};
use crate::choice;
use crate::english::{Kind, Role, Token, asking_clause, kind_of, statement, tokens, unwrapped};
use crate::mentions::{self, Mention, writes_capitals};
use crate::namesakes::{even_out, is_whole};
use crate::polar;
use crate::rank::{Ranking, Wording};
use crate::reading::{Form, Wants, form, wants};
use crate::relations::Shape;

/// Answers that are named, however many facts are wanted.
const ANSWERS: usize = 100;
/// Questions longer than this are not plain.
const WORDS: usize = 64;
/// Masked forms of a question that are embedded at a time: each costs a millisecond or two.
const EMBEDDED: usize = 2;
/// From here on no other mention is looked at.
const SURE: f32 = 0.85;
/// A mention that no name is spelled like has to be linked as surely as Tier 1 asks for.
const LINKED: f32 = 0.7;

/// A question's words.
pub(crate) struct Question<'a> {
    text: &'a str,
    pub(crate) tokens: Vec<Token>,
    wants: Wants,
    pub(crate) form: Form,
    /// Whether names are written with capitals in it.
    pub(crate) spelled: bool,
    /// Names of the knowledge base that stand in it.
    pub(crate) named: Vec<find_facts_tier1::Named>,
}

/// A mention, whom it means and a relation, with the chance that they are what was asked.
pub(crate) struct Pair {
    pub(crate) mention: Range<usize>,
    /// One entity, or namesakes of which nothing tells one from the other.
    pub(crate) meant: Vec<Meant>,
    pub(crate) chosen: Chosen,
}

/// Answers a question: as it stands, or else what is left of it without what people wrap it in.
pub(crate) fn answer(ask: &Ask<'_>, text: &str) -> Result<FinderAnswer, FinderError> {
    let Some(question) = Question::read(ask, text)? else { return Ok(FinderAnswer::default()) };
    let answer = question.answer(ask)?;
    if !answer.facts.is_empty() {
        return Ok(answer);
    }
    for plainer in question.plainer() {
        let Some(question) = Question::read(ask, plainer)? else { continue };
        let answer = question.answer(ask)?;
        if !answer.facts.is_empty() {
            return Ok(answer);
        }
    }
    Ok(answer)
}

impl Pair {
    /// Whether it is about the same entities.
    pub(crate) fn same_entities(&self, other: &Self) -> bool {
        let names = |pair: &Self| pair.meant.iter().map(|meant| meant.entity.clone()).collect::<Vec<_>>();
        names(self) == names(other)
    }

    /// Its facts, as many as are named.
    pub(crate) fn facts(&self, ask: &Ask<'_>) -> Result<Vec<Fact>, FinderError> {
        let most = ask.query.limit.max(ANSWERS);
        let mut facts = Vec::new();
        for meant in &self.meant {
            facts.extend(ask.facts(&meant.entity, self.chosen.relation, most)?);
        }
        facts.truncate(most);
        Ok(facts)
    }
}

impl<'a> Question<'a> {
    /// Reads a question; `None` where it is too long to be a plain one, or has no words.
    pub(crate) fn read(ask: &Ask<'_>, text: &'a str) -> Result<Option<Self>, FinderError> {
        let (text, tokens, form) = plain_form(text);
        if tokens.is_empty() || tokens.len() > WORDS {
            return Ok(None);
        }
        let words: Vec<&str> = tokens.iter().map(|token| &text[token.at.clone()]).collect();
        let named = ask.tier1.named(&words, &ask.query.without, ask.store, ask.deadline)?;
        Ok(Some(Self { text, wants: wants(&tokens), form, spelled: writes_capitals(&tokens), tokens, named }))
    }

    /// The question without courtesies, and the one clause of it that asks.
    fn plainer(&self) -> Vec<&'a str> {
        let all = 0..self.tokens.len();
        let names = self.named.iter().filter(|name| name.whole && self.is_telling(&name.words));
        let clause = asking_clause(self.text, &self.tokens, names.map(|name| &name.words));
        let clauses = [Some(all.clone()), clause].into_iter().flatten();
        let unwrapped = clauses.map(|clause| {
            let words = unwrapped(self.text, &self.tokens[clause.clone()]);
            clause.start + words.start..clause.start + words.end
        });
        unwrapped.filter(|words| *words != all).map(|words| &self.text[self.place_of(&words)]).collect()
    }

    /// Whether a name has a word that says something.
    fn is_telling(&self, words: &Range<usize>) -> bool {
        self.tokens[words.clone()].iter().any(|token| token.role == Role::Content)
    }

    fn answer(&self, ask: &Ask<'_>) -> Result<FinderAnswer, FinderError> {
        if self.form == Form::Polar {
            return polar::answer(ask, self);
        }
        let mut pairs = self.pairs(ask)?;
        if let Some(mention) = pairs.first().map(|pair| pair.mention.clone()) {
            choice::choose(ask, &self.masked(ask, &mention, None).text, &mut pairs)?;
        }
        for pair in pairs {
            if pair.chosen.chance < ask.least() {
                break;
            }
            let facts = pair.facts(ask)?;
            if !facts.is_empty() {
                return Ok(self.finished(ask, &pair, facts));
            }
        }
        Ok(FinderAnswer { gap: self.gap(ask), ..FinderAnswer::default() })
    }

    /// Whom and what the question may be about, best first. Words that only look like a name are tried where no name serves.
    pub(crate) fn pairs(&self, ask: &Ask<'_>) -> Result<Vec<Pair>, FinderError> {
        let known = self.known(ask);
        let (likeliest, others) = known.split_at(known.len().min(1));
        let mut pairs = self.pairs_of(ask, likeliest, None)?;
        if pairs.first().is_none_or(|best| best.chosen.chance < SURE) {
            pairs.extend(self.pairs_of(ask, others, None)?);
            pairs.sort_by(|a, b| b.chosen.chance.total_cmp(&a.chosen.chance));
        }
        if pairs.first().is_none_or(|best| best.chosen.chance < ask.least()) {
            let mut unknown = mentions::unknown(&self.tokens, &ask.index.relations.words);
            unknown.retain(|mention| !known.iter().any(|known| known.words == mention.words));
            pairs.extend(self.pairs_of(ask, &unknown, Some(LINKED))?);
        }
        pairs.sort_by(|a, b| b.chosen.chance.total_cmp(&a.chosen.chance));
        Ok(pairs)
    }

    /// Names of the knowledge base that stand in the question, most telling first.
    pub(crate) fn known(&self, ask: &Ask<'_>) -> Vec<Mention> {
        mentions::known(&self.tokens, &self.named, &ask.index.relations.words)
    }

    /// What a single fact cannot give: a question that speaks of two entities joins facts.
    fn gap(&self, ask: &Ask<'_>) -> Option<Arc<str>> {
        let known = self.known(ask);
        let sure = |mention: &&Mention| mention.doubt == 0.0;
        let first = known.iter().find(sure)?;
        let second = known
            .iter()
            .filter(sure)
            .find(|other| other.words.end <= first.words.start || first.words.end <= other.words.start)?;
        let (one, two) = (self.text_of(&first.words), self.text_of(&second.words));
        Some(
            format!(
                "no single fact answers a question about `{one}` and `{two}`; `research_grade` joins facts"
            )
            .into(),
        )
    }

    /// Every mention with whom it may mean and what that may be asked.
    fn pairs_of(
        &self,
        ask: &Ask<'_>,
        mentions: &[Mention],
        linked: Option<f32>,
    ) -> Result<Vec<Pair>, FinderError> {
        let wordings: Vec<Wording> =
            mentions.iter().map(|mention| self.masked(ask, &mention.words, None)).collect();
        let rankings = ask.rankings(&wordings, EMBEDDED)?;
        let mut pairs = Vec::new();
        for (mention, ranking) in mentions.iter().zip(rankings) {
            ask.deadline.check()?;
            self.add_pairs(ask, mention, &ranking, linked, &mut pairs)?;
        }
        pairs.sort_by(|a, b| b.chosen.chance.total_cmp(&a.chosen.chance));
        Ok(pairs)
    }

    fn add_pairs(
        &self,
        ask: &Ask<'_>,
        mention: &Mention,
        ranking: &Ranking,
        linked: Option<f32>,
        pairs: &mut Vec<Pair>,
    ) -> Result<(), FinderError> {
        let scores = self.scores(ask, mention, None, ranking);
        let mut meant = ask.link(self.text_of(&mention.words), &scores)?;
        meant.retain(|meant| linked.is_none_or(|least| meant.confidence >= least));
        if linked.is_none() {
            even_out(self.text_of(&mention.words), &self.said_of(&mention.words), &mut meant);
        }
        let mut of_each = Vec::with_capacity(meant.len());
        for meant in &meant {
            let left_over = self.left_over(ask, &mention.words, &meant.entity)?;
            of_each.push(scores.iter().map(|score| score - left_over).collect());
        }
        let from = pairs.len();
        for judged in ask.judge(&meant, &of_each, ranking)? {
            let meant = &meant[judged.meant];
            let namesake = pairs[from..].iter_mut().find(|pair| {
                pair.chosen.relation == judged.chosen.relation
                    && linked.is_none()
                    && is_whole(meant)
                    && pair.meant.iter().all(is_whole)
            });
            match namesake {
                Some(pair) => {
                    pair.meant.push(meant.clone());
                    pair.chosen.chance += judged.chosen.chance;
                }
                None => pairs.push(Pair {
                    mention: mention.words.clone(),
                    meant: vec![meant.clone()],
                    chosen: judged.chosen,
                }),
            }
        }
        Ok(())
    }

    /// What the words around a mention say that it is: "the city of New York".
    fn said_of(&self, mention: &Range<usize>) -> Vec<&str> {
        let wide = mentions::with_what_it_is(&self.tokens, mention, self.wants.noun_at);
        let said = wide.filter(|at| !mention.contains(at)).map(|at| &self.tokens[at]);
        said.filter(|token| token.role == Role::Content).map(|token| &*token.folded).collect()
    }

    /// What speaks for each relation, in nats, for a mention; `other` is a second mention, which is taken as explained.
    pub(crate) fn scores(
        &self,
        ask: &Ask<'_>,
        mention: &Mention,
        other: Option<&Range<usize>>,
        ranking: &Ranking,
    ) -> Vec<f32> {
        (ranking.evidence.iter().enumerate())
            .map(|(at, evidence)| {
                evidence.score - mention.doubt - self.unexplained(ask, ranking, &mention.words, other, at)
            })
            .collect()
    }

    /// The question with a mention masked.
    pub(crate) fn masked(
        &self,
        ask: &Ask<'_>,
        mention: &Range<usize>,
        other: Option<&Range<usize>>,
    ) -> Wording {
        let wants = wants_without(mention, &self.wants);
        let wide = mentions::with_what_it_is(&self.tokens, mention, self.wants.noun_at);
        let mut text = self.text.to_owned();
        let mut masks = vec![(&wide, "X")];
        masks.extend(other.map(|other| (other, "")));
        masks.sort_by_key(|(words, _)| std::cmp::Reverse(words.start));
        for (words, mask) in masks {
            text.replace_range(self.place_of(words), mask);
        }
        let text = plain_end(&text);
        let hidden = |at: &usize| other.is_none_or(|other| !other.contains(at));
        let kept: Vec<usize> = (0..self.tokens.len()).filter(hidden).collect();
        let shift = kept.iter().filter(|at| **at < wide.start).count();
        let asked = wants.noun_at.and_then(|asked| kept.iter().position(|at| *at == asked));
        let tokens: Vec<Token> = kept.into_iter().map(|at| self.tokens[at].clone()).collect();
        let shape = Shape::new(&tokens, Some(shift..shift + wide.len()), asked);
        let masked = shift..shift + wide.len();
        let other = ask.index.relations.in_other_words(&outside(&tokens, &masked)).map(|words| {
            let in_place = |at: usize| if masked.contains(&at) { "X" } else { &words[at].folded };
            let kept = (0..words.len()).filter(|at| !masked.contains(at) || *at == masked.start);
            let text: Vec<&str> = kept.map(in_place).collect();
            (Shape::new(&words, Some(masked.clone()), asked), text.join(" "))
        });
        let key = text.to_lowercase();
        Wording { shape, wants, key, plain: String::new(), text, in_other_words: other }
    }

    pub(crate) fn text_of(&self, words: &Range<usize>) -> &str {
        &self.text[self.place_of(words)]
    }

    fn place_of(&self, words: &Range<usize>) -> Range<usize> {
        self.tokens[words.start].at.start..self.tokens[words.end - 1].at.end
    }

    /// The answer that a pair gives.
    pub(crate) fn finished(&self, ask: &Ask<'_>, best: &Pair, facts: Vec<Fact>) -> FinderAnswer {
        let relation = &ask.index.relations.list[best.chosen.relation];
        let part = side(relation.direction);
        let other = match part {
            find_facts_core::Part::Subject => find_facts_core::Part::Object,
            _ => find_facts_core::Part::Subject,
        };
        let mut answers: Vec<Arc<str>> = Vec::new();
        for fact in &facts {
            let answer = fact.part(other);
            if answers.len() < ANSWERS && !answers.contains(answer) {
                answers.push(answer.clone());
            }
        }
        let given = self.text_of(&best.mention);
        let link = |meant: &Meant| Link {
            part,
            given: given.into(),
            entity: meant.entity.clone(),
            confidence: meant.confidence,
            by: if *given == *meant.entity { LinkMeans::Exact } else { meant.by },
        };
        let expansion = Expansion {
            given: self.masked(ask, &best.mention, None).text.into(),
            predicate: relation.predicate.clone(),
            direction: relation.direction,
            confidence: best.chosen.chance,
            by: best.chosen.by,
        };
        let confidence = best.chosen.chance;
        let facts = facts.into_iter().take(ask.query.limit);
        FinderAnswer {
            facts: facts.map(|fact| RankedFact { fact, confidence }).collect(),
            linked: best.meant.iter().map(link).collect(),
            expanded: vec![expansion],
            answers,
            models: ask.models(),
            ..FinderAnswer::default()
        }
    }
}

/// A text, its words and its form. What asks whether something is so comes without courtesies and without a tag, because it is
/// read by its first word.
fn plain_form(text: &str) -> (&str, Vec<Token>, Form) {
    let whole = tokens(text);
    let as_it_stands = form(text, &whole);
    if as_it_stands != Form::Polar {
        return (text, whole, as_it_stands);
    }
    let asked = unwrapped(text, &whole);
    let text = &text[whole[asked.start].at.start..whole[asked.end - 1].at.end];
    let words = tokens(text);
    let form = form(text, &words);
    match statement(text, &words).filter(|_| form == Form::Polar) {
        Some(end) => {
            let text = &text[..words[end - 1].at.end];
            (text, tokens(text), form)
        }
        None => (text, words, form),
    }
}

/// The words with those of the mention made empty: a name's words mean nothing else.
fn outside(tokens: &[Token], mention: &Range<usize>) -> Vec<Token> {
    let hidden =
        |(at, token): (usize, &Token)| if mention.contains(&at) { token.replaced("") } else { token.clone() };
    tokens.iter().enumerate().map(hidden).collect()
}

/// A masked question without its mark, and without the unit in which the answer is wanted.
fn plain_end(text: &str) -> String {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '?');
    let (head, unit) = text.rsplit_once(" in ").unwrap_or((text, ""));
    let is_unit =
        !unit.is_empty() && tokens(unit).iter().all(|token| kind_of(token.stem) == Some(Kind::Number));
    (if is_unit { head } else { text }).to_owned()
}

/// The noun asked for is none when it is the mention itself.
fn wants_without(mention: &Range<usize>, wants: &Wants) -> Wants {
    let inside = wants.noun_at.is_some_and(|at| mention.contains(&at));
    if inside { Wants::default() } else { wants.clone() }
}
