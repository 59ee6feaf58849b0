//! Shadow runs: a client's request, asked once more of a tier and of the mode below it, so that their facts can be held
//! against each other. The client has had its answer, and nobody waits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use find_facts_core::{Fact, FinderAnswer, Mode};
use find_facts_health::Shadow;
use find_facts_service::FindFactsRequest;

/// The next request of a client, when one is wanted.
#[derive(Debug, Default)]
pub(crate) struct Sampler {
    wanted: AtomicBool,
    sampled: Mutex<Option<FindFactsRequest>>,
}

impl Sampler {
    /// Takes a copy where one is wanted; else it costs a look at a flag. Rankings of near matches are no sample: the mode
    /// below has no such thing.
    pub(crate) fn offer(&self, request: &FindFactsRequest) {
        if !self.wanted.load(Ordering::Relaxed) || request.mode == Some(Mode::FuzzyRanked) {
            return;
        }
        if self.wanted.swap(false, Ordering::AcqRel) {
            *self.sampled.lock().unwrap_or_else(PoisonError::into_inner) = Some(request.clone());
        }
    }

    /// The request that was sampled, if one came since the last time; the next one is wanted.
    pub(super) fn take(&self) -> Option<FindFactsRequest> {
        let sampled = self.sampled.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.wanted.store(true, Ordering::Release);
        sampled
    }
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
        let [first, second, ranked] = [
            request(r#"{"query":{"subject":"a"}}"#),
            request(r#"{"query":{"subject":"b"}}"#),
            request(r#"{"query":{"subject":"c"},"enhancement_mode":"fuzzy_ranked"}"#),
        ];
        sampler.offer(&first);
        assert_eq!(sampler.take(), None);
        sampler.offer(&ranked);
        sampler.offer(&second);
        sampler.offer(&first);
        assert_eq!((sampler.take(), sampler.take()), (Some(second), None));
    }
}
