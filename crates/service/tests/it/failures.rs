//! What a caller gets, and health is told, when a tier fails: the next lower answer, in time.

use std::time::Duration;

use find_facts_core::outcome::FallbackReason;
use find_facts_core::{AttemptResult, Mode, Tier};
use find_facts_service::Answer;

use crate::world::{Does, UNKNOWN, World, fact_of, up_to};

use Tier::{Tier1, Tier2, Tier3};

const MS: Duration = Duration::from_millis(1);

/// The mode that served, why it was not the one asked for, and how each run ended.
type Summary = (Mode, Option<FallbackReason>, Vec<(Tier, AttemptResult)>);

fn summary(answer: &Answer) -> Summary {
    let attempts = answer.outcome.attempts.iter().map(|attempt| (attempt.tier, attempt.result)).collect();
    (answer.outcome.mode_served, answer.outcome.fallback, attempts)
}

fn facts_are_from(answer: &Answer, tier: Option<Tier>) {
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    match tier {
        Some(tier) => assert_eq!(body["data"]["facts"][0]["object"], *fact_of(tier).object),
        None => assert!(body["data"].get("enhancement").is_none(), "{body}"),
    }
}

async fn check(does: Does, result: AttemptResult, reason: FallbackReason) {
    let answers = |tier| (tier, Does::Answer);
    for (failing, below) in [(Tier1, None), (Tier2, Some(Tier1)), (Tier3, Some(Tier2))] {
        let tiers = Tier::ALL.map(|tier| if tier == failing { (tier, does) } else { answers(tier) });
        let world = World::new(up_to(failing.mode()), &tiers);
        let answer = world.find(UNKNOWN).await;
        let mut attempts = vec![(failing, result)];
        attempts.extend(below.map(|tier| (tier, AttemptResult::Ok)));
        let served = below.map_or(Mode::Exact, Tier::mode);
        assert_eq!(summary(&answer), (served, Some(reason), attempts), "{does:?} {failing}");
        facts_are_from(&answer, below);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_ends_in_the_lower_tiers_answer() {
    check(Does::Error, AttemptResult::Error, FallbackReason::Error).await;
    check(Does::NotReady, AttemptResult::Error, FallbackReason::NotReady).await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_in_the_lower_tiers_answer() {
    check(Does::Panic, AttemptResult::Panic, FallbackReason::Panic).await;
}

#[tokio::test(start_paused = true)]
async fn a_time_out_ends_in_the_lower_tiers_answer() {
    for (failing, limit, below) in [(Tier1, 200, None), (Tier2, 500, Some(Tier1)), (Tier3, 1000, Some(Tier2))]
    {
        let tiers = Tier::ALL.map(|tier| (tier, if tier == failing { Does::Hang } else { Does::Answer }));
        let mut world = World::new(up_to(failing.mode()), &tiers);
        let (answer, took) = world.find_while(UNKNOWN, &[(limit + 1) * MS]).await;
        let mut attempts = vec![(failing, AttemptResult::Timeout)];
        attempts.extend(below.map(|tier| (tier, AttemptResult::Ok)));
        let served = below.map_or(Mode::Exact, Tier::mode);
        assert_eq!(summary(&answer), (served, Some(FallbackReason::Timeout), attempts));
        assert_eq!(answer.outcome.attempts[0].latency, limit * MS);
        assert!(took <= (limit + 100) * MS, "{took:?}");
        facts_are_from(&answer, below);
        while world.ends().await != failing {}
    }
}

#[tokio::test(start_paused = true)]
async fn when_every_tier_hangs_legacy_answers_within_the_grace() {
    let mut world = World::new(up_to(Mode::ResearchGrade), &Tier::ALL.map(|tier| (tier, Does::Hang)));
    let (answer, took) = world.find_while(UNKNOWN, &[1001 * MS, 40 * MS, 41 * MS]).await;
    let only_the_first = vec![(Tier3, AttemptResult::Timeout)];
    assert_eq!(summary(&answer), (Mode::Exact, Some(FallbackReason::Timeout), only_the_first));
    assert!(took <= 1100 * MS, "{took:?}");
    facts_are_from(&answer, None);
}

#[tokio::test(start_paused = true)]
async fn work_for_a_caller_that_has_gone_is_stopped_and_blames_nobody() {
    let mut world = World::new(up_to(Mode::EntityLinked), &[(Tier1, Does::Hang)]);
    world.ask_and_leave(UNKNOWN).await;
    assert_eq!(world.ends().await, Tier1);
    assert_eq!(world.report().requests.attempts, 0);
    assert_eq!(world.report().overall.attempts, 0);
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_turns_away_and_counts_as_no_error() {
    let world = World::new(up_to(Mode::EntityLinked), &[(Tier1, Does::Error)]);
    for _ in 0..20 {
        assert_eq!(world.find(UNKNOWN).await.outcome.fallback, Some(FallbackReason::Error));
    }
    let turned_away = world.find(UNKNOWN).await;
    assert_eq!(summary(&turned_away), (Mode::Exact, Some(FallbackReason::BreakerOpen), Vec::new()));
    facts_are_from(&turned_away, None);
    let report = world.report();
    assert_eq!(report.tiers[&Tier1].figures.errors, 20);
    assert_eq!(report.fallbacks[&FallbackReason::BreakerOpen], 1);
}

#[tokio::test(start_paused = true)]
async fn a_tier_whose_breaker_is_open_is_probed_once_a_second() {
    let world = World::new(up_to(Mode::EntityLinked), &[(Tier1, Does::Error)]);
    for _ in 0..30 {
        world.find(UNKNOWN).await;
    }
    assert_eq!(world.runs(), 20);
    world.pass(1000 * MS).await;
    world.find(UNKNOWN).await;
    world.find(UNKNOWN).await;
    assert_eq!(world.runs(), 21);
}

#[tokio::test(start_paused = true)]
async fn a_stuck_tier_is_overloaded_at_once_and_takes_nothing_from_the_others() {
    let mut world = World::new(up_to(Mode::SemanticExpanded), &[(Tier1, Does::Answer), (Tier2, Does::Stuck)]);
    // It leaves a core to exact queries.
    let threads = std::thread::available_parallelism().unwrap().get().saturating_sub(1).clamp(1, 8);
    for _ in 0..threads {
        world.ask_and_leave(UNKNOWN).await;
    }
    // Every thread of Tier 2 is stuck now. These fill its queue, one after another, and nobody waits for them.
    let request = crate::world::request(UNKNOWN);
    for _ in 0..64 {
        let mut find = std::pin::pin!(world.service.find(&request, world.asker()));
        let waits =
            std::future::poll_fn(|context| std::task::Poll::Ready(find.as_mut().poll(context).is_pending()));
        assert!(waits.await);
    }
    let answer = world.find(UNKNOWN).await;
    let tier1 = vec![(Tier1, AttemptResult::Ok)];
    assert_eq!(summary(&answer), (Mode::EntityLinked, Some(FallbackReason::Overloaded), tier1));
    facts_are_from(&answer, Some(Tier1));
    world.let_go();
    for _ in 0..threads {
        while world.ends().await != Tier2 {}
    }
    let runs = world.runs();
    while world.find(UNKNOWN).await.outcome.fallback.is_some() {
        tokio::task::yield_now().await;
    }
    assert!(world.runs() <= runs + 64, "what nobody waits for is thrown away, not computed");
}
