//! Shadow runs: a client's request, asked once more of a tier and of the mode below it, so that their facts can be held
//! against each other. The client has had its answer, and nobody waits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use find_facts_core::{Fact, FinderAnswer, Mode, Parts};
use find_facts_health::Shadow;
use find_facts_service::{FindFactsRequest, Query};

/// The next request of a client, when one is wanted.
#[derive(Debug, Default)]
pub(crate) struct Sampler {
    wanted: AtomicBool,
    sampled: Mutex<Option<FindFactsRequest>>,
}

impl Sampler {
    /// Takes a copy where one is wanted and it can be compared; else it costs a look at a flag.
    pub(crate) fn offer(&self, request: &FindFactsRequest) {
        if self.wanted.load(Ordering::Relaxed)
            && is_comparable(request)
            && self.wanted.swap(false, Ordering::AcqRel)
        {
            // What a client asks of confidence would hide what is found.
            *self.lock() = Some(FindFactsRequest { min_confidence: None, ..request.clone() });
        }
    }

    /// None is wanted, and the one that was taken is forgotten.
    pub(super) fn rest(&self) {
        self.wanted.store(false, Ordering::Release);
        *self.lock() = None;
    }

    /// The request that was sampled, if one came since the last time; the next one is wanted.
    pub(super) fn take(&self) -> Option<FindFactsRequest> {
        let sampled = self.lock().take();
        self.wanted.store(true, Ordering::Release);
        sampled
    }

    fn lock(&self) -> MutexGuard<'_, Option<FindFactsRequest>> {
        self.sampled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Rankings of near matches, questions, and a relation without an entity have no mode below that answers them as well.
fn is_comparable(request: &FindFactsRequest) -> bool {
    let names_an_entity = |parts: &Parts| parts.subject.is_some() || parts.object.is_some();
    let has_an_entity = matches!(&request.query, Query::Parts(parts) if names_an_entity(parts));
    has_an_entity && request.mode != Some(Mode::FuzzyRanked)
}

/// The facts of a tier's answer.
pub(super) fn facts(answer: FinderAnswer) -> Vec<Fact> {
    answer.facts.into_iter().map(|ranked| ranked.fact).collect()
}

/// What became of the facts. Their order is no difference.
pub(super) fn compare(below: &[Fact], tier: &[Fact]) -> Shadow {
    match (below.is_empty(), tier.is_empty()) {
        (true, true) => Shadow::Neither,
        (true, false) => Shadow::Gained,
        (false, true) => Shadow::Lost,
        (false, false) => {
            let same = below.len() == tier.len() && below.iter().all(|fact| tier.contains(fact));
            if same { Shadow::Same } else { Shadow::Different }
        }
    }
}

#[cfg(test)]
mod tests {
    use find_facts_service::parse;

    use super::*;

    #[test]
    fn order_is_no_difference() {
        let fact = |object: &str| Fact::new("Angola", "borders", object);
        let (one, two) = (fact("Zambia"), fact("Namibia"));
        let check = |below: &[&Fact], tier: &[&Fact], expected| {
            let facts = |facts: &[&Fact]| facts.iter().map(|fact| (*fact).clone()).collect::<Vec<_>>();
            assert_eq!(compare(&facts(below), &facts(tier)), expected, "{below:?} {tier:?}");
        };
        check(&[&one, &two], &[&two, &one], Shadow::Same);
        check(&[&one, &two], &[&one], Shadow::Different);
        check(&[&one], &[&two], Shadow::Different);
        check(&[&one], &[], Shadow::Lost);
        check(&[], &[&one], Shadow::Gained);
        check(&[], &[], Shadow::Neither);
    }

    #[test]
    fn one_request_is_sampled_each_time_that_one_is_wanted() {
        let sampler = Sampler::default();
        let request = |body: &str| parse(body.as_bytes()).unwrap();
        let [first, second] =
            [request(r#"{"query":{"subject":"a"}}"#), request(r#"{"query":{"subject":"b"}}"#)];
        sampler.offer(&first);
        assert_eq!(sampler.take(), None);
        for other in [
            r#"{"query":{"subject":"c"},"enhancement_mode":"fuzzy_ranked"}"#,
            r#"{"query":{"predicate":"capital"}}"#,
            r#"{"query":{"text":"Where is a?"}}"#,
        ] {
            sampler.offer(&request(other));
        }
        sampler.offer(&second);
        sampler.offer(&first);
        assert_eq!((sampler.take(), sampler.take()), (Some(second), None));
        sampler.offer(&first);
        sampler.rest();
        sampler.offer(&first);
        assert_eq!(sampler.take(), None);
    }
}
