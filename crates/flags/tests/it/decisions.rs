//! Single decisions: chains of tiers, masks, segments and cohorts.

use find_facts_core::{
    Caller, Cohort, FlagEvaluator, FlagKey, FlagSet, FlagState, Generation, Mode, Percent, Segment, Tier,
};
use find_facts_flags::{Evaluator, Mask};

const OFF: Option<(f64, &[&str])> = None;

fn on<'a>(percent: f64, segments: &'a [&'a str]) -> Option<(f64, &'a [&'a str])> {
    Some((percent, segments))
}

pub(crate) fn flags(rules: [Option<(f64, &[&str])>; 3]) -> FlagSet {
    let states = rules.map(|rule| match rule {
        None => FlagState::default(),
        Some((percent, segments)) => FlagState {
            enabled: true,
            percentage: Percent::try_from(percent).unwrap(),
            segments: segments.iter().map(|&name| Segment(name.into())).collect(),
        },
    });
    FlagSet(FlagKey::ALL.into_iter().zip(states).collect())
}

pub(crate) fn evaluator(rules: [Option<(f64, &[&str])>; 3]) -> Evaluator {
    Evaluator::new(&flags(rules), Generation(7), Vec::new())
}

fn in_segment(segment: &str) -> Caller {
    Caller { targeting_key: "client".into(), segments: [Segment(segment.into())].into() }
}

fn check(evaluator: &Evaluator, caller: &Caller, ceiling: Mode, cohort: Cohort) {
    let decision = evaluator.decide(caller);
    assert_eq!((decision.ceiling, decision.cohort), (ceiling, cohort), "{evaluator:?}");
    assert_eq!(decision.generation, Generation(7));
}

fn anybody() -> Caller {
    Caller::unauthenticated("192.0.2.7")
}

#[test]
fn all_off_is_exact_for_everybody() {
    check(&evaluator([OFF, OFF, OFF]), &anybody(), Mode::Exact, Cohort::Rest);
}

#[test]
fn a_flag_that_is_absent_is_off() {
    let nothing = Evaluator::new(&FlagSet::default(), Generation(7), Vec::new());
    check(&nothing, &anybody(), Mode::Exact, Cohort::Rest);
}

#[test]
fn a_tier_needs_those_below_enabled_whatever_the_caller_s_bucket_there() {
    check(
        &evaluator([on(0.0, &[]), on(100.0, &[]), OFF]),
        &anybody(),
        Mode::SemanticExpanded,
        Cohort::Canary,
    );
    let without_tier1 = evaluator([OFF, on(100.0, &[]), on(100.0, &[])]);
    check(&without_tier1, &anybody(), Mode::Exact, Cohort::Rest);
    assert_eq!(without_tier1.decide(&anybody()).enabled, [false; 3]);
}

#[test]
fn a_listed_segment_is_in_at_0_percent_and_out_when_the_flag_is_off() {
    let beta = evaluator([on(100.0, &[]), on(100.0, &[]), on(0.0, &["research"])]);
    check(&beta, &in_segment("research"), Mode::ResearchGrade, Cohort::Canary);
    check(&beta, &in_segment("press"), Mode::SemanticExpanded, Cohort::Rest);
    let off = evaluator([on(100.0, &[]), on(100.0, &[]), OFF]);
    check(&off, &in_segment("research"), Mode::SemanticExpanded, Cohort::Canary);
}

#[test]
fn a_mask_takes_its_tier_and_those_above_and_says_why() {
    let mask = Mask { tier: Tier::Tier2, reason: "`ENABLE_TIER2=false` is set".to_owned() };
    let all_on = flags([on(100.0, &[]), on(100.0, &[]), on(100.0, &[])]);
    let masked = Evaluator::new(&all_on, Generation(7), vec![mask]);
    check(&masked, &anybody(), Mode::EntityLinked, Cohort::Canary);
    assert_eq!(masked.decide(&anybody()).enabled, [true, false, false]);
    assert_eq!(masked.masks(), ["tier2: `ENABLE_TIER2=false` is set"]);
}

#[test]
fn cohorts_come_from_the_highest_tier_that_reaches_some_and_not_all() {
    let moving = evaluator([on(100.0, &[]), on(40.0, &[]), on(0.0, &[])]);
    let of = |key: &str| moving.decide(&Caller::unauthenticated(key));
    let decisions: Vec<_> = (0..1000).map(|number| of(&format!("caller {number}"))).collect();
    for decision in &decisions {
        assert_eq!(decision.cohort == Cohort::Canary, decision.ceiling == Mode::SemanticExpanded);
    }
    assert!(decisions.iter().any(|decision| decision.cohort == Cohort::Control));
}

#[test]
fn cohorts_can_be_asked_of_another_tier() {
    let both = evaluator([on(100.0, &[]), on(0.0, &["research"]), OFF]);
    check(&both, &anybody(), Mode::EntityLinked, Cohort::Rest);
    check(&both.clone().watching(Tier::Tier1), &anybody(), Mode::EntityLinked, Cohort::Canary);
    check(&both.watching(Tier::Tier3), &anybody(), Mode::EntityLinked, Cohort::Rest);
}
