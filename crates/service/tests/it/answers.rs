//! Who answers what, and how an enhanced answer reads.

use find_facts_core::outcome::FallbackReason;
use find_facts_core::{AttemptResult, Cohort, Mode, Tier, Without};
use find_facts_service::Asker;
use serde_json::Value;

use crate::world::{Does, QUESTION, UNKNOWN, World, request, up_to};

use Tier::{Tier1, Tier2, Tier3};

const ALL_ANSWER: [(Tier, Does); 3] = [(Tier1, Does::Answer), (Tier2, Does::Answer), (Tier3, Does::Answer)];

/// A query of parts with the rest of the body given.
fn unknown_with(rest: &str) -> String {
    format!("{},{rest}}}", UNKNOWN.strip_suffix('}').unwrap())
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

async fn check(given: Mode, body: &str, served: Mode, fallback: Option<FallbackReason>) {
    let world = World::new(up_to(given), &ALL_ANSWER);
    let outcome = world.find(body).await.outcome;
    assert_eq!((outcome.mode_served, outcome.fallback), (served, fallback), "{given} {body}");
    assert_eq!(outcome.attempts.len(), usize::from(served != Mode::Exact), "{given} {body}");
}

#[tokio::test(start_paused = true)]
async fn the_flags_ceiling_answers_what_exact_matching_does_not_find() {
    for mode in [Mode::Exact, Mode::EntityLinked, Mode::SemanticExpanded, Mode::ResearchGrade] {
        check(mode, UNKNOWN, mode, None).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_exact_matching_finds_is_the_answer_of_every_mode_but_fuzzy_ranked() {
    for mode in Mode::ALL {
        let body = format!(r#"{{"query":{{"subject":"Luanda"}},"enhancement_mode":"{mode}"}}"#);
        let served = if mode == Mode::FuzzyRanked { mode } else { Mode::Exact };
        check(Mode::ResearchGrade, &body, served, None).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_named_mode_is_a_ceiling_and_the_flags_stay_one_too() {
    let linked = unknown_with(r#""enhancement_mode":"entity_linked""#);
    check(Mode::ResearchGrade, &linked, Mode::EntityLinked, None).await;
    check(Mode::Exact, &linked, Mode::Exact, Some(FallbackReason::FlagOff)).await;
    let research = unknown_with(r#""enhancement_mode":"research_grade""#);
    check(Mode::EntityLinked, &research, Mode::EntityLinked, Some(FallbackReason::FlagOff)).await;
    let exact = unknown_with(r#""enhancement_mode":"exact""#);
    check(Mode::ResearchGrade, &exact, Mode::Exact, None).await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_near_match_gives_way_to_what_exact_matching_found() {
    let world = World::new(up_to(Mode::SemanticExpanded), &[(Tier1, Does::Answer), (Tier2, Does::Error)]);
    let answer = world.find(r#"{"query":{"subject":"Luanda"},"enhancement_mode":"fuzzy_ranked"}"#).await;
    assert_eq!(answer.outcome.fallback, Some(FallbackReason::Error));
    assert_eq!(answer.outcome.mode_served, Mode::Exact);
    assert_eq!(answer.body, world.find(r#"{"query":{"subject":"Luanda"}}"#).await.body);
}

#[tokio::test(start_paused = true)]
async fn a_tier_that_finds_nothing_leaves_legacys_bytes() {
    let world = World::new(up_to(Mode::EntityLinked), &[(Tier1, Does::Nothing)]);
    let answer = world.find(UNKNOWN).await;
    assert_eq!(answer.outcome.mode_served, Mode::EntityLinked);
    assert_eq!(answer.outcome.attempts[0].result, AttemptResult::Ok);
    let exact = world.find(&unknown_with(r#""enhancement_mode":"exact""#)).await;
    assert_eq!(answer.body, exact.body);
}

#[tokio::test(start_paused = true)]
async fn an_enhanced_answer_says_what_the_tier_did() {
    let world = World::new(up_to(Mode::EntityLinked), &[(Tier1, Does::Answer)]);
    let answer = world.find(UNKNOWN).await;
    let expected = r#"{"data":{"facts":[{"subject":"Angola","predicate":"capital","object":"according to tier1","confidence":0.9}],"count":1,"limit":10,"query":{"subject":"Angloa","predicate":"capital"},"enhancement":{"mode_asked":"entity_linked","mode_served":"entity_linked","linked":[{"part":"subject","given":"Angloa","entity":"Angola","confidence":0.9,"by":"edit"}],"expanded":[],"answers":[],"details":[],"cache":"miss","models":["fake"],"ms":0.0}},"message":"Found 1 fact: Angola capital according to tier1. Took \"Angloa\" for \"Angola\".","suggestions":[]}"#;
    assert_eq!(String::from_utf8(answer.body).unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn an_enhanced_answer_names_the_tier_that_failed_above() {
    let world = World::new(up_to(Mode::SemanticExpanded), &[(Tier1, Does::Answer), (Tier2, Does::Panic)]);
    let body = json(&world.find(UNKNOWN).await.body);
    let fallback = serde_json::json!({"from": "semantic_expanded", "to": "entity_linked", "reason": "panic"});
    assert_eq!(body["data"]["enhancement"]["fallback"], fallback);
}

#[tokio::test(start_paused = true)]
async fn nothing_below_the_confidence_asked_for_is_answered() {
    let world = World::new(up_to(Mode::EntityLinked), &[(Tier1, Does::Answer)]);
    let at_most = world.find(&unknown_with(r#""min_confidence":0.9"#)).await;
    assert_eq!(json(&at_most.body)["data"]["count"], 1);
    let above = world.find(&unknown_with(r#""min_confidence":0.91"#)).await;
    assert_eq!(above.body, world.find(&unknown_with(r#""enhancement_mode":"exact""#)).await.body);
}

async fn check_question(given: Mode, tiers: &[(Tier, Does)], mode: Option<Mode>, gap: Option<&str>) {
    let world = World::new(up_to(given), tiers);
    let mut question = request(QUESTION);
    question.mode = mode;
    let body = json(&world.service.find(&question, world.asker()).await.body);
    let enhancement = &body["data"]["enhancement"];
    assert_eq!(enhancement["gap"].as_str(), gap, "{given} {mode:?}");
    assert_eq!(body["data"]["count"], u32::from(gap.is_none()), "{given} {mode:?}");
    assert_eq!(body["data"]["query"], serde_json::json!({}));
}

#[tokio::test(start_paused = true)]
async fn a_question_that_nobody_answers_says_why() {
    let exact = "a question needs `semantic_expanded` or `research_grade`, and this caller is given `exact`";
    check_question(Mode::Exact, &[], None, Some(exact)).await;
    let linked =
        "a question needs `semantic_expanded` or `research_grade`, and this caller is given `entity_linked`";
    check_question(Mode::EntityLinked, &ALL_ANSWER, None, Some(linked)).await;
    let asked = "a question needs `semantic_expanded` or `research_grade`, and the request asked for `exact`";
    check_question(Mode::ResearchGrade, &ALL_ANSWER, Some(Mode::Exact), Some(asked)).await;
    let failed = "a question needs `semantic_expanded` or `research_grade`, and `semantic_expanded` could not answer now";
    let tier2_fails = [(Tier1, Does::Answer), (Tier2, Does::Error)];
    check_question(Mode::SemanticExpanded, &tier2_fails, None, Some(failed)).await;
    let nothing = "no fact of the knowledge base answers the question";
    let tier2_finds_nothing = [(Tier1, Does::Answer), (Tier2, Does::Nothing)];
    check_question(Mode::SemanticExpanded, &tier2_finds_nothing, None, Some(nothing)).await;
}

#[tokio::test(start_paused = true)]
async fn a_question_runs_the_tier_that_understands_it() {
    check_question(Mode::SemanticExpanded, &ALL_ANSWER, None, None).await;
    check_question(Mode::ResearchGrade, &ALL_ANSWER, Some(Mode::FuzzyRanked), None).await;
}

#[tokio::test(start_paused = true)]
async fn an_operators_named_mode_runs_whatever_the_flags_and_counts_in_no_window() {
    let world = World::new(up_to(Mode::Exact), &ALL_ANSWER);
    let named = request(&unknown_with(r#""enhancement_mode":"semantic_expanded""#));
    let nothing = Without::default();
    let outcome = world.service.find(&named, Asker::Operator(world.caller(), &nothing)).await.outcome;
    assert_eq!((outcome.mode_served, outcome.cohort), (Mode::SemanticExpanded, Cohort::Operator));
    assert_eq!(world.report().requests.attempts, 0);
    let unnamed = world.service.find(&request(UNKNOWN), Asker::Operator(world.caller(), &nothing)).await;
    assert_eq!(unnamed.outcome.mode_served, Mode::Exact, "without a name the flags decide");
}

#[tokio::test(start_paused = true)]
async fn an_operator_can_hide_an_entity_from_exact_matching_too() {
    let world = World::new(up_to(Mode::Exact), &[]);
    let borders = request(r#"{"query":{"predicate":"borders"},"limit":2}"#);
    let without = Without { entities: vec!["Namibia".into(), "Congo".into()], ..Without::default() };
    let body = json(&world.service.find(&borders, Asker::Operator(world.caller(), &without)).await.body);
    let objects: Vec<&str> =
        body["data"]["facts"].as_array().unwrap().iter().filter_map(|fact| fact["object"].as_str()).collect();
    assert_eq!(objects, ["Zambia", "Angola"]);
}

#[tokio::test(start_paused = true)]
async fn a_tier_that_is_removed_is_not_ready_and_takes_those_above_with_it() {
    let world = World::new(up_to(Mode::ResearchGrade), &ALL_ANSWER);
    world.service.remove(Tier2);
    let outcome = world.find(UNKNOWN).await.outcome;
    assert_eq!((outcome.mode_served, outcome.fallback), (Mode::EntityLinked, Some(FallbackReason::NotReady)));
}
