//! One tier asked by itself.

use find_facts_core::outcome::FallbackReason;
use find_facts_core::{Mode, Tier, Without};

use crate::world::{Does, UNKNOWN, World, fact_of, request, up_to};

#[tokio::test(start_paused = true)]
async fn a_tier_answers_by_itself_whatever_flags_and_exact_matching_say_and_nothing_is_counted() {
    let world = World::new(up_to(Mode::Exact), &[(Tier::Tier1, Does::Answer), (Tier::Tier2, Does::Error)]);
    let alone = world.service.alone();
    let known = request(r#"{"query":{"subject":"Luanda"}}"#);
    assert!(!alone.exact(&known).is_empty());
    for body in [&known, &request(UNKNOWN)] {
        let answer = alone.tier(Tier::Tier1, body, &Without::default()).await.unwrap();
        assert_eq!(answer.facts[0].fact, fact_of(Tier::Tier1));
        let failed = alone.tier(Tier::Tier2, body, &Without::default()).await;
        assert_eq!(failed.unwrap_err(), FallbackReason::Error, "no lower tier answers for it");
        let absent = alone.tier(Tier::Tier3, body, &Without::default()).await;
        assert_eq!(absent.unwrap_err(), FallbackReason::NotReady);
    }
    let report = world.report();
    assert_eq!((report.overall.attempts, report.requests.attempts), (0, 0));
}
