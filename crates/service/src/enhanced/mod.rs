//! Answers that a tier changed, and questions that none could answer: the legacy form with `enhancement` in `data`.
//! A tier's answer that says nothing new is none: whoever gets `None` here answers as legacy does.

mod wording;

use std::sync::Arc;
use std::time::Duration;

use find_facts_api::find_facts::{
    CacheUse, Enhancement, FactRow, Fallback, FindFactsData, FindFactsResponse,
};
use find_facts_core::outcome::FallbackReason;
use find_facts_core::{Fact, FinderAnswer, Mode, Parts, RankedFact};
use find_facts_store::FactRef;

use self::wording::{NoAnswer, SUGGESTION, TakenFor};
use crate::legacy::to_bytes;
use crate::request::{FindFactsRequest, Query};
use crate::wording::Found;

/// How an answer came about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Served {
    pub(crate) asked: Mode,
    pub(crate) by: Mode,
    pub(crate) fallback: Option<FallbackReason>,
    pub(crate) took: Duration,
}

/// A tier's answer with the facts that the request asked for, or `None` where there are none.
pub(crate) fn wanted(mut answer: FinderAnswer, request: &FindFactsRequest) -> Option<FinderAnswer> {
    let least = request.min_confidence.unwrap_or(0.0);
    answer.facts.retain(|ranked| ranked.confidence >= least);
    answer.facts.truncate(request.limit);
    (!answer.facts.is_empty()).then_some(answer)
}

/// Whether these are the facts of an exact answer, as an exact answer shows them.
pub(crate) fn is_exact<'a>(facts: &[RankedFact], rows: impl ExactSizeIterator<Item = FactRef<'a>>) -> bool {
    facts.len() == rows.len()
        && facts
            .iter()
            .zip(rows)
            .all(|(ranked, exact)| ranked.confidence == 1.0 && row(&ranked.fact) == exact)
}

/// The bytes of a tier's answer.
pub(crate) fn format(answer: FinderAnswer, request: &FindFactsRequest, served: Served) -> Vec<u8> {
    let rows = answer.facts.iter().map(|ranked| row(&ranked.fact));
    let message = format!("{}{}", Found(rows), TakenFor(&answer.linked));
    let cache = if answer.cache_hit { CacheUse::Hit } else { CacheUse::Miss };
    let enhancement = Enhancement {
        linked: answer.linked,
        expanded: answer.expanded,
        answers: answer.answers,
        gap: answer.gap,
        models: answer.models,
        cache,
        ..enhancement(served)
    };
    respond(answer.facts, request, enhancement, message, Vec::new())
}

/// The bytes of a question's answer where no tier has one. What the tier that was asked says of that goes before what the mode says.
pub(crate) fn format_no_answer(
    question: &str,
    request: &FindFactsRequest,
    served: Served,
    told: Option<Arc<str>>,
) -> Vec<u8> {
    let gap = told.unwrap_or_else(|| gap(request, served).into());
    let enhancement = Enhancement { gap: Some(gap), ..enhancement(served) };
    let message = NoAnswer(question).to_string();
    respond(Vec::new(), request, enhancement, message, vec![SUGGESTION.to_owned()])
}

fn gap(request: &FindFactsRequest, served: Served) -> String {
    const NEEDED: &str = "a question needs `semantic_expanded` or `research_grade`";
    if served.by >= Mode::SemanticExpanded {
        "no fact of the knowledge base answers the question".to_owned()
    } else if served.fallback.is_some() {
        format!("{NEEDED}, and `{}` could not answer now", served.asked)
    } else if request.mode.is_some() {
        format!("{NEEDED}, and the request asked for `{}`", served.asked)
    } else {
        format!("{NEEDED}, and this caller is given `{}`", served.asked)
    }
}

fn enhancement(served: Served) -> Enhancement {
    Enhancement {
        mode_asked: served.asked,
        mode_served: served.by,
        linked: Vec::new(),
        expanded: Vec::new(),
        answers: Vec::new(),
        details: Vec::new(),
        gap: None,
        fallback: served.fallback.map(|reason| Fallback { from: served.asked, to: served.by, reason }),
        cache: CacheUse::Miss,
        models: Vec::new(),
        ms: (served.took.as_secs_f64() * 1e6).round() / 1e3,
    }
}

fn respond(
    facts: Vec<RankedFact>,
    request: &FindFactsRequest,
    enhancement: Enhancement,
    message: String,
    suggestions: Vec<String>,
) -> Vec<u8> {
    /// Most enhanced answers hold one fact or two.
    const USUAL: usize = 1024;
    let facts: Vec<FactRow> =
        facts.into_iter().map(|RankedFact { fact, confidence }| FactRow { fact, confidence }).collect();
    let query = match &request.query {
        Query::Parts(parts) => parts.clone(),
        Query::Text(_) => Parts::default(),
    };
    let data = FindFactsData {
        count: facts.len(),
        facts,
        limit: request.limit,
        query,
        enhancement: Some(enhancement),
    };
    to_bytes(&FindFactsResponse { data, message, suggestions }, USUAL)
}

fn row(fact: &Fact) -> FactRef<'_> {
    FactRef { subject: &fact.subject, predicate: &fact.predicate, object: &fact.object }
}
