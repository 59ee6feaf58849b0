//! Phase 3, where it differs from Phase 2: capacity, a model that is loaded by itself, time to settle, memory.

use find_facts_core::FlagState;
use find_facts_rollout::act::{Act, Outcome};
use find_facts_rollout::criteria::criteria;
use find_facts_rollout::end::{End, RolledBackBy};
use find_facts_rollout::journal::{Entry, replay};
use find_facts_rollout::note::Note;
use find_facts_rollout::step::Input;
use find_facts_rollout::suite::{SuiteKind, SuiteResult};

use crate::bench::{Bench, small};
use crate::ends::shares;
use crate::sim::Script;

const ALL: [f64; 7] = [0.0, 1.0, 5.0, 10.0, 25.0, 50.0, 100.0];

fn check(script: Script, expected: &str, percentages: &[f64]) {
    let mut bench = Bench::phase3(script);
    let end = bench.go().unwrap();
    assert!(end.to_string().starts_with(expected), "{end}");
    assert_eq!(shares(&bench), percentages);
}

#[test]
fn a_healthy_tier_reaches_everybody() {
    check(Script::default(), "completed", &ALL);
}

#[test]
fn the_shipped_plan_takes_three_days_and_six_hours_of_virtual_time() {
    let script = Script { tier: find_facts_core::Tier::Tier2, window_seconds: 60.0, ..Script::default() };
    let mut bench = Bench::of(&small(3), 1.0, script);
    assert_eq!(bench.go().unwrap(), End::Completed);
    let hours = bench.server.second() / 3600.0;
    assert!((78.0..78.5).contains(&hours), "{hours} h");
}

#[test]
fn too_little_memory_is_a_failed_precondition_that_names_both_figures() {
    let script = Script { available_bytes: 999_000_000, ..Script::default() };
    let expected = "precondition failed: 999 MB of memory are available; required: 1000 MB";
    check(script, expected, &[0.0]);
}

#[test]
fn a_tier_whose_lower_one_is_off_is_a_failed_precondition() {
    let mut bench = Bench::phase3(Script::default());
    bench.server.meddle("operator", find_facts_core::FlagKey::Tier1EntityLinking, FlagState::default());
    let end = bench.go().unwrap();
    assert_eq!(end.to_string(), "precondition failed: tier2 runs only above tier1, which is not enabled");
}

#[test]
fn the_model_is_loaded_before_the_tier_is_initialised_and_its_memory_is_reported() {
    let mut bench = Bench::phase3(Script::default());
    bench.go().unwrap();
    let intents = bench.log.0.iter().filter_map(|entry| match entry {
        Entry::Intent(act) => Some(&act.act),
        _ => None,
    });
    let first: Vec<&Act> = intents.take(3).collect();
    assert!(matches!(first[..], [Act::Inspect, Act::LoadModel { .. }, Act::Change(_)]), "{first:?}");
    let loaded = replay(&bench.schedule, &bench.opened, &bench.log.0).unwrap().state.findings.model.unwrap();
    assert_eq!((loaded.id.as_str(), loaded.bytes), ("smollm-360m-instruct", 412_000_000));
}

#[test]
fn a_model_that_cannot_be_loaded_stops_the_run_before_anybody_meets_it() {
    let script = Script { load_fails: true, ..Script::default() };
    check(script, "stopped before exposure: load-model: the file is cut short", &[0.0]);
}

#[test]
fn memory_above_its_limit_rolls_back_at_the_next_look() {
    // 1.2 GB at first; 2 GB are reached some minutes into the watch of the unscaled plan.
    let script = Script {
        tier: find_facts_core::Tier::Tier2,
        window_seconds: 60.0,
        memory_bytes: [1.2e9, 1e6],
        ..Script::default()
    };
    let mut bench = Bench::of(&small(3), 1.0, script);
    let end = bench.go().unwrap();
    assert!(matches!(end, End::RolledBack { by: RolledBackBy::Harm, .. }), "{end}");
    assert!(end.to_string().contains("of memory are in use; the limit is 2000 MB"), "{end}");
    assert!(bench.server.second() < 1500.0, "{} s", bench.server.second());
    assert_eq!(shares(&bench), [0.0, 1.0, 0.0]);
}

#[test]
fn memory_that_grows_under_load_holds_the_run() {
    // 1 MB in a second of a plan that is divided by 2880: 30 MB in each of its days, twice that at 2 MB.
    check(Script { memory_bytes: [4e8, 1e6], ..Script::default() }, "completed", &ALL);
    check(
        Script { memory_bytes: [4e8, 2e6], ..Script::default() },
        "held: memory stable under load: +60.0 MB a day",
        &ALL,
    );
}

#[test]
fn time_to_settle_passes_before_the_watch_and_counts_for_nothing() {
    let mut bench = Bench::phase3(Script::default());
    bench.go().unwrap();
    let position = |wanted: fn(&Entry) -> bool| bench.log.0.iter().position(wanted).unwrap();
    let settled = position(|e| matches!(e, Entry::Input(Input::Outcome { outcome: Outcome::Settled, .. })));
    let looked = position(|e| matches!(e, Entry::Input(Input::Look(_))));
    assert!(settled < looked);
    let waits: f64 = bench.schedule.waits().as_secs_f64();
    assert_eq!(waits, 5.0 + 60.0 + 5.0 * 7.5);
}

#[test]
fn the_table_has_what_the_phase_asks_for() {
    let mut bench = Bench::phase3(Script::default());
    bench.go().unwrap();
    let findings = replay(&bench.schedule, &bench.opened, &bench.log.0).unwrap().state.findings;
    let names: Vec<String> =
        criteria(&bench.schedule.plan, &findings).into_iter().map(|row| row.name).collect();
    let expected = [
        "p95 added to one request",
        "errors",
        "semantic query success",
        "memory stable under load",
        "callers reached",
    ];
    assert_eq!(names, expected);
}

#[test]
fn suites_are_made_of_wordings_and_questions() {
    let mut bench = Bench::phase3(Script::default());
    bench.go().unwrap();
    let notes = bench.ears.0.borrow();
    let suites: Vec<&SuiteResult> = notes
        .iter()
        .filter_map(|note| match note {
            Note::ActDone { outcome, .. } => match outcome.as_ref() {
                Outcome::Suite(result) => Some(result),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let kinds = |suite: SuiteKind| {
        let result = suites.iter().find(|result| result.suite == suite).unwrap();
        result.kinds.keys().map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(kinds(SuiteKind::Unit), "form wording");
    assert_eq!(kinds(SuiteKind::Acceptance), "form held_back nothing question wording");
}

#[test]
fn a_tier_that_understands_no_wording_is_stopped_before_anybody_meets_it() {
    check(
        Script { blind_linker: true, ..Script::default() },
        "stopped before exposure: the unit suite",
        &[0.0],
    );
}
