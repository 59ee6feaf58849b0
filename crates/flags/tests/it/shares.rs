//! Many callers: shares, growth, independence of flags. The callers are numbered, so every run sees the same ones.

use find_facts_core::{Caller, Cohort, FlagEvaluator, Mode};

use crate::decisions::evaluator;

const CALLERS: u32 = 100_000;

fn callers() -> impl Iterator<Item = Caller> {
    (0..CALLERS).map(|number| Caller::unauthenticated(format!("caller-{number}")))
}

/// The share of callers with `wanted`, in percent.
fn share(wanted: impl Fn(&Caller) -> bool) -> f64 {
    100.0 * callers().filter(wanted).count() as f64 / f64::from(CALLERS)
}

fn check_share(percent: f64, found: f64) {
    let sd = (percent * (100.0 - percent) / f64::from(CALLERS)).sqrt();
    assert!((found - percent).abs() <= 3.0 * sd, "{found} % of callers at {percent} %, sd {sd}");
}

#[test]
fn each_percentage_reaches_its_share_of_callers() {
    for percent in [0.01, 1.0, 5.0, 50.0] {
        let flags = evaluator([Some((percent, &[])), None, None]);
        check_share(percent, share(|caller| flags.decide(caller).ceiling == Mode::EntityLinked));
    }
}

#[test]
fn control_is_as_large_as_the_canary_until_half_and_what_is_left_beyond() {
    for (percent, control) in [(5.0, 5.0), (50.0, 50.0), (75.0, 25.0), (100.0, 0.0)] {
        let flags = evaluator([Some((percent, &[])), None, None]);
        check_share(control, share(|caller| flags.decide(caller).cohort == Cohort::Control));
    }
}

#[test]
fn the_steps_of_a_rollout_only_add_callers() {
    let mut reached = vec![false; CALLERS as usize];
    for percent in [0.0, 0.1, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0] {
        let flags = evaluator([Some((percent, &[])), None, None]);
        for (caller, was_in) in callers().zip(&mut reached) {
            let is_in = flags.decide(&caller).ceiling == Mode::EntityLinked;
            assert!(is_in || !*was_in, "{caller:?} lost its tier at {percent} %");
            *was_in = is_in;
        }
    }
    assert!(reached.iter().all(|&is_in| is_in));
}

#[test]
fn flags_differ_in_whom_they_take() {
    let one = evaluator([Some((10.0, &[])), None, None]);
    let other = evaluator([Some((0.0, &[])), Some((10.0, &[])), None]);
    let both = share(|caller| {
        one.decide(caller).ceiling == Mode::EntityLinked
            && other.decide(caller).ceiling == Mode::SemanticExpanded
    });
    check_share(1.0, both);
}
