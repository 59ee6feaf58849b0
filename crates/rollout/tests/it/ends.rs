//! Every way in which a run can end, reached.

use find_facts_core::health::Status;
use find_facts_core::{FlagKey, FlagState, Percent};
use find_facts_rollout::drive::DriveError;
use find_facts_rollout::end::{End, RolledBackBy};
use find_facts_rollout::journal::Entry;
use find_facts_rollout::step::Input;
use find_facts_rollout::watch::Look;

use crate::bench::{Bench, small};
use crate::sim::{Script, Spell, Wrong};

/// Runs phase 2 against a script, and compares how it ends and which percentages the flag has had.
fn check(script: Script, expected: &str, percentages: &[f64]) {
    let mut bench = Bench::phase2(script);
    let end = bench.go().unwrap();
    assert!(end.to_string().starts_with(expected), "{end}");
    assert_eq!(shares(&bench), percentages);
}

/// Each share of callers that was stored, in order; the tier's own parameters and other flags left out.
pub(crate) fn shares(bench: &Bench) -> Vec<f64> {
    let history = bench.server.flag_history();
    let share = |rule: Option<&FlagState>| {
        rule.filter(|rule| rule.enabled).map_or(0.0, |rule| rule.percentage.into())
    };
    let flag = bench.server.world.lock().unwrap().script.tier.flag();
    let mut shares: Vec<f64> = history.iter().map(|record| share(record.flags.get(flag))).collect();
    shares.dedup();
    shares
}

fn rolled_back(by: RolledBackBy, script: Script) {
    let end = Bench::phase2(script).go().unwrap();
    assert!(matches!(end, End::RolledBack { by: found, .. } if found == by), "{end:?}");
}

const ALL: [f64; 7] = [0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0];

#[test]
fn a_healthy_tier_reaches_everybody() {
    check(Script::default(), "completed", &ALL);
}

#[test]
fn the_shipped_plan_takes_a_day_and_ten_hours_of_virtual_time() {
    let mut bench = Bench::of(&small(2), 1.0, Script { window_seconds: 60.0, ..Script::default() });
    assert_eq!(bench.go().unwrap(), End::Completed);
    let hours = bench.server.second() / 3600.0;
    assert!((34.0..34.2).contains(&hours), "{hours} h");
}

#[test]
fn phase_1_changes_nothing_that_a_caller_sees() {
    let mut bench = Bench::phase1(Script { cached: false, ..Script::default() });
    assert_eq!(bench.go().unwrap(), End::Completed);
    assert_eq!(shares(&bench), [0.0]);
    assert_eq!(bench.server.world.lock().unwrap().pulled.len(), 4);
}

#[test]
fn errors_at_25_percent_roll_back_from_there() {
    let script = || Script { failing: Some((25.0, 0.3)), ..Script::default() };
    check(script(), "rolled back: harmful", &[0.0, 5.0, 10.0, 25.0, 0.0]);
    rolled_back(RolledBackBy::Harm, script());
}

fn wrong(from: f64, after: f64, share: f64) -> Script {
    Script { wrong: Some(Wrong { from, after, share }), ..Script::default() }
}

#[test]
fn wrong_answers_at_25_percent_roll_back_from_there_though_no_attempt_fails() {
    let mut bench = unscaled(wrong(25.0, 0.0, 0.3));
    let end = bench.go().unwrap();
    assert!(matches!(end, End::RolledBack { by: RolledBackBy::Harm, .. }), "{end}");
    assert!(end.to_string().contains("golden probes were answered right; the limit is 90 %"), "{end}");
    assert_eq!(shares(&bench), [0.0, 5.0, 10.0, 25.0, 0.0]);
}

#[test]
fn answers_that_turn_wrong_after_23_good_hours_are_rolled_back_within_minutes() {
    let struck = 23.0 * 3600.0;
    let mut bench = unscaled(wrong(5.0, struck, 1.0));
    let end = bench.go().unwrap();
    assert!(matches!(end, End::RolledBack { by: RolledBackBy::Harm, .. }), "{end}");
    assert_eq!(shares(&bench), [0.0, 5.0, 0.0]);
    let after = bench.server.second() - struck;
    assert!(after < 300.0, "after {after} s");
}

#[test]
fn wrong_answers_within_the_plan_s_limit_are_no_harm() {
    let mut bench = unscaled(wrong(25.0, 0.0, 0.05));
    assert_eq!(bench.go().unwrap(), End::Completed);
    assert_eq!(shares(&bench), ALL);
}

#[test]
fn a_tier_whose_answers_are_wrong_meets_nobody() {
    let mut bench = unscaled(Script { probes_a_second: 100.0, ..wrong(0.0, 0.0, 0.15) });
    let end = bench.go().unwrap();
    assert!(matches!(end, End::Stopped { .. }), "{end}");
    assert!(end.to_string().contains("85.0 % of golden probes"), "{end}");
    assert_eq!(shares(&bench), [0.0]);
}

/// Phase 2 unscaled, with more callers than a window can count: what is below the limits shows itself only there.
fn unscaled(script: Script) -> Bench {
    Bench::of(&small(2), 1.0, Script { window_seconds: 60.0, callers: 1e6, ..script })
}

#[test]
fn what_is_within_the_limit_and_far_above_the_control_is_harm() {
    let mut bench = unscaled(Script { failing: Some((25.0, 0.04)), ..Script::default() });
    let end = bench.go().unwrap();
    assert!(matches!(end, End::RolledBack { by: RolledBackBy::Harm, .. }), "{end}");
    assert!(end.to_string().contains("compared with control, "), "{end}");
    assert_eq!(shares(&bench), [0.0, 5.0, 10.0, 25.0, 0.0]);
}

#[test]
fn what_befalls_the_control_as_well_is_no_harm_of_the_tier() {
    let script = Script { failing: Some((25.0, 0.04)), control_failing: 0.04, ..Script::default() };
    let mut bench = unscaled(Script { callers: 4000.0, ..script });
    assert_eq!(bench.go().unwrap(), End::Completed);
}

#[test]
fn every_verdict_says_what_it_rests_on() {
    let mut bench = Bench::phase2(Script::default());
    bench.go().unwrap();
    let healthy: Vec<String> =
        bench.heard("watching").into_iter().filter(|note| note.contains("\"verdict\":\"healthy\"")).collect();
    let at = |percentage: &str| {
        healthy.iter().rfind(|note| note.contains(&format!("\"percentage\":{percentage}")))
    };
    assert!(at("50.0").unwrap().contains("{\"control\":{\"canary\":"), "{healthy:?}");
    let by_itself = "\"side\":\"control\",\"callers\":0,\"needed\":20}}";
    let last = at("100.0").unwrap();
    assert!(last.contains("{\"paired\":{\"requests\":") && last.contains(by_itself), "{healthy:?}");
}

#[test]
fn a_tier_that_fails_the_runs_own_requests_where_nobody_is_left_to_compare_with_is_rolled_back() {
    let mut bench = unscaled(Script { failing_asks: Some((100.0, 0.25)), ..Script::default() });
    let end = bench.go().unwrap();
    assert!(matches!(end, End::RolledBack { by: RolledBackBy::Harm, .. }), "{end}");
    let end = end.to_string();
    assert!(
        end.contains("failed only with it and 0 only without; at most 2.5 points more are allowed"),
        "{end}"
    );
    assert_eq!(shares(&bench), [&ALL[..], &[0.0]].concat());
    // All of them are enough for the few looks of a rehearsal.
    check(
        Script { failing_asks: Some((100.0, 1.0)), ..Script::default() },
        "rolled back: harmful: of ",
        &[&ALL[..], &[0.0]].concat(),
    );
}

#[test]
fn a_busy_machine_slows_both_ways_and_is_no_harm_of_the_tier() {
    check(Script { busy_from: Some(100.0), ..Script::default() }, "completed", &ALL);
}

#[test]
fn a_failing_share_within_what_is_allowed_is_no_harm() {
    let mut bench = unscaled(Script { failing_asks: Some((100.0, 0.02)), ..Script::default() });
    assert_eq!(bench.go().unwrap(), End::Completed);
}

#[test]
fn with_a_control_nothing_is_asked_both_ways() {
    let mut bench = Bench::phase2(Script::default());
    bench.go().unwrap();
    let mut compared = 0;
    for entry in &bench.log.0 {
        let Entry::Input(Input::Look(Look::Seen(seen))) = entry else { continue };
        if seen.control_callers.attempts > 100 {
            assert_eq!(seen.paired.requests(), 0);
            compared += 1;
        }
    }
    assert!(compared > 10, "{compared}");
}

#[test]
fn slowness_is_harm_too() {
    check(Script { latency_us: 40_000, ..Script::default() }, "rolled back: harmful", &[0.0, 5.0, 0.0]);
}

#[test]
fn too_few_callers_wait_for_extend_and_then_roll_back() {
    let script = || Script { per_second: 0.5, ..Script::default() };
    check(script(), "rolled back: not enough data", &[0.0, 5.0, 0.0]);
    rolled_back(RolledBackBy::NotEnoughData, script());
}

#[test]
fn a_tier_that_stays_degraded_is_never_called_healthy() {
    check(
        Script { status: Status::Degraded, ..Script::default() },
        "rolled back: not enough data",
        &[0.0, 5.0, 0.0],
    );
}

#[test]
fn a_server_out_of_sight_for_too_long_is_rolled_back_once_it_is_seen() {
    let script = || Script { unreachable: vec![Spell { from: 20.0, to: 60.0 }], ..Script::default() };
    check(script(), "rolled back: no countable figures", &[0.0, 5.0, 0.0]);
    rolled_back(RolledBackBy::CannotSee, script());
}

#[test]
fn a_tier_that_stays_masked_cannot_be_seen() {
    let script = || Script { masked: vec![Spell { from: 20.0, to: 1e9 }], ..Script::default() };
    check(script(), "rolled back: no countable figures for 5s: the tier is masked", &[0.0, 5.0, 0.0]);
    rolled_back(RolledBackBy::CannotSee, script());
}

#[test]
fn a_masked_tier_is_a_failed_precondition() {
    let script = Script { masked: vec![Spell { from: 0.0, to: 1e9 }], ..Script::default() };
    check(script, "precondition failed: tier1 is masked: the file DISABLE is there", &[0.0]);
}

#[test]
fn the_servers_own_rollback_ends_the_plan() {
    let script = || Script { rolls_back_at: Some(50.0), ..Script::default() };
    check(script(), "rolled back: generation", &[0.0, 5.0, 10.0, 25.0, 50.0, 0.0]);
    rolled_back(RolledBackBy::Server, script());
}

#[test]
fn somebody_elses_other_flag_is_adopted() {
    check(Script { meddles_at: Some(10.0), ..Script::default() }, "completed", &ALL);
}

#[test]
fn a_linker_that_links_nothing_is_stopped_before_anybody_meets_it() {
    check(
        Script { blind_linker: true, ..Script::default() },
        "stopped before exposure: the unit suite",
        &[0.0],
    );
}

#[test]
fn a_slow_tier_is_stopped_by_the_performance_suite() {
    let script = Script { added_us: 30_000, ..Script::default() };
    check(script, "stopped before exposure: the performance suite", &[0.0]);
}

#[test]
fn a_criterion_that_is_missed_holds_the_run() {
    check(Script { added_us: 16_000, ..Script::default() }, "held: p95 added", &ALL);
}

#[test]
fn a_tier_that_cannot_be_initialised_stops_the_run() {
    check(Script { init_fails: true, ..Script::default() }, "stopped before exposure: await-ready", &[0.0]);
}

#[test]
fn a_model_without_digest_is_a_failed_precondition() {
    check(Script { pinned: false, ..Script::default() }, "precondition failed: model `minilm`", &[0.0]);
    let end = Bench::phase1(Script { pinned: false, ..Script::default() }).go().unwrap();
    assert!(end.to_string().matches("no digest").count() == 4, "{end}");
}

#[test]
fn a_model_that_is_not_there_is_a_failed_precondition() {
    check(
        Script { cached: false, ..Script::default() },
        "precondition failed: model `minilm` is not",
        &[0.0],
    );
}

#[test]
fn a_pull_that_fails_stops_phase_1() {
    let end = Bench::phase1(Script { pull_fails: true, ..Script::default() }).go().unwrap();
    assert_eq!(end.to_string(), "stopped before exposure: model-minilm: the digest is another one");
}

#[test]
fn a_health_window_longer_than_the_shortest_window_is_refused() {
    let script = Script { window_seconds: 60.0, ..Script::default() };
    let expected = "precondition failed: the server's health window, 1m, is longer than the shortest window of the plan, 5s";
    check(script, expected, &[0.0]);
}

#[test]
fn a_tier_that_reaches_more_than_the_first_step_is_a_failed_precondition() {
    let mut bench = Bench::phase2(Script::default());
    expose(&bench, "run earlier", 25.0);
    let end = bench.go().unwrap();
    assert!(end.to_string().contains("already reaches 25 %"), "{end}");
}

#[test]
fn phase_1_does_not_switch_off_what_is_in_production() {
    let mut bench = Bench::phase1(Script::default());
    expose(&bench, "run earlier", 100.0);
    let end = bench.go().unwrap();
    assert!(matches!(&end, End::PreconditionFailed { reason } if reason.contains("in production")), "{end}");

    let mut fresh = Bench::phase1(Script::default());
    expose(&fresh, "configuration", 100.0);
    assert_eq!(fresh.go().unwrap(), End::Completed);
    assert_eq!(shares(&fresh), [0.0, 100.0, 0.0]);
}

#[test]
fn what_was_in_production_before_is_what_a_rollback_goes_back_to() {
    let mut bench = Bench::phase2(Script { failing: Some((25.0, 0.3)), ..Script::default() });
    expose(&bench, "operator", 2.0);
    let end = bench.go().unwrap();
    assert!(matches!(end, End::RolledBack { .. }), "{end}");
    assert_eq!(shares(&bench), [0.0, 2.0, 5.0, 10.0, 25.0, 2.0]);
}

#[test]
fn a_wrong_address_shows_itself_within_seconds_and_leaves_no_run() {
    let mut bench =
        Bench::phase2(Script { unreachable: vec![Spell { from: 0.0, to: 1e9 }], ..Script::default() });
    assert!(matches!(bench.go(), Err(DriveError::Unreachable(_))));
    assert!(bench.server.second() < 20.0);
    assert_eq!(bench.log.0.len(), 0);
}

fn expose(bench: &Bench, by: &str, share: f64) {
    let percentage = Percent::try_from(share).unwrap();
    let state = FlagState { enabled: true, percentage, segments: Vec::new() };
    bench.server.meddle(by, FlagKey::Tier1EntityLinking, state);
}
