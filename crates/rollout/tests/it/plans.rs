//! Plans: the shipped ones say what the specification says, and bad ones are told everything that is wrong at once.

use std::time::Duration;

use find_facts_rollout::plan::{Known, Plan, PlanSource};
use find_facts_rollout::scale::TimeScale;
use find_facts_rollout::schedule::Schedule;
use find_facts_rollout::suite::parse_rows;

use crate::sim::MODELS;

fn deploy_plans() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy-plans")
}

/// The models of the shipped catalogue.
fn known() -> Known {
    let text = std::fs::read_to_string(deploy_plans().join("models.toml")).unwrap();
    let catalogue: toml::Table = text.parse().unwrap();
    Known { models: Some(catalogue["models"].as_table().unwrap().keys().cloned().collect()) }
}

/// Shipped phase 2 with one text in place of another, and what is wrong with it then.
fn check(from: &str, to: &str, expected: &str) {
    let text = PlanSource::shipped(2).unwrap().text;
    assert!(text.contains(from), "{from}");
    let faults = PlanSource::new("p.toml", text.replacen(from, to, 1)).check(&known()).unwrap_err().faults;
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(said.join("\n"), expected, "{from} → {to}");
}

fn tier_plan() -> find_facts_rollout::plan::TierPlan {
    match PlanSource::shipped(2).unwrap().check(&known()).unwrap() {
        Plan::Tier(plan) => *plan,
        Plan::Infrastructure(_) => panic!("phase 2 is a tier's"),
    }
}

#[test]
fn phase_2_as_shipped_says_what_the_specification_says() {
    let plan = tier_plan();
    let percentages: Vec<f64> = plan.exposure.iter().map(|step| step.percentage.into()).collect();
    assert_eq!(percentages, [5.0, 10.0, 25.0, 50.0, 75.0, 100.0]);
    let hours: Vec<u64> = plan.exposure.iter().map(|step| step.watch.as_secs() / 3600).collect();
    assert_eq!(hours, [24, 2, 2, 2, 2, 2]);
    let initialise = &plan.initialise;
    assert_eq!((initialise.min_confidence, initialise.similarity), (0.7, 0.8));
    assert_eq!((initialise.cache_size, initialise.candidates), (50_000, 5));
    let suites = &plan.suites;
    assert_eq!((f64::from(suites.unit.right_above), f64::from(suites.integration.right_above)), (95.0, 90.0));
    assert_eq!(suites.performance.p95_below, Duration::from_millis(20));
    assert_eq!(suites.acceptance.improvement_above, 20.0);
    assert_eq!(f64::from(suites.acceptance.nothing_expected), 90.0);
    assert_eq!(f64::from(suites.acceptance.floors["held_back"]), 30.0);
    assert_eq!((f64::from(plan.limits.over_control), f64::from(plan.limits.golden_right)), (2.5, 90.0));
    let criteria = plan.criteria;
    assert_eq!((criteria.p95_added_below, criteria.pairs), (Duration::from_millis(15), 1000));
    assert_eq!((f64::from(criteria.error_rate_below), criteria.improvement_above), (5.0, 25.0));
    assert_eq!((plan.lease.ttl, plan.lease.renew_every), (Duration::from_secs(300), Duration::from_secs(60)));
}

#[test]
fn a_plan_of_before_comparison_and_golden_probes_is_good_and_gets_their_defaults() {
    let text = PlanSource::shipped(2).unwrap().text;
    let is_later = |line: &&str| line.starts_with("over_control") || line.starts_with("golden_right");
    let before: Vec<&str> = text.lines().filter(|line| !is_later(line)).collect();
    let plan = PlanSource::new("p.toml", before.join("\n")).check(&known()).unwrap();
    assert_eq!(plan, Plan::Tier(Box::new(tier_plan())));
}

#[test]
fn phase_3_as_shipped_says_what_the_specification_says() {
    let Plan::Tier(plan) = PlanSource::shipped(3).unwrap().check(&known()).unwrap() else {
        panic!("phase 3 is a tier's");
    };
    let percentages: Vec<f64> = plan.exposure.iter().map(|step| step.percentage.into()).collect();
    assert_eq!(percentages, [1.0, 5.0, 10.0, 25.0, 50.0, 100.0]);
    let hours: Vec<u64> = plan.exposure.iter().map(|step| step.watch.as_secs() / 3600).collect();
    assert_eq!(hours, [48, 6, 6, 6, 6, 6]);
    assert_eq!(plan.exposure[0].settle, Some(Duration::from_secs(60)));
    assert!(plan.exposure[1..].iter().all(|step| step.settle.is_none()));
    assert_eq!(plan.check_every, Duration::from_secs(300));
    assert_eq!(plan.capacity.unwrap().available_memory_mb, 1000);
    assert!(plan.initialise.load);
    let limits = plan.limits;
    assert_eq!((f64::from(limits.error_rate), limits.p95), (5.0, Duration::from_millis(100)));
    assert_eq!(limits.memory_mb, Some(2000));
    let suites = &plan.suites;
    assert_eq!((f64::from(suites.unit.right_above), f64::from(suites.integration.right_above)), (90.0, 90.0));
    assert_eq!(suites.performance.p95_below, Duration::from_millis(100));
    assert_eq!(suites.acceptance.improvement_above, 50.0);
    let criteria = plan.criteria;
    assert_eq!((criteria.p95_added_below, criteria.pairs), (Duration::from_millis(80), 1000));
    assert_eq!((f64::from(criteria.error_rate_below), criteria.improvement_above), (5.0, 60.0));
    assert_eq!(f64::from(criteria.reach), 100.0);
}

#[test]
fn phase_1_as_shipped_says_what_the_specification_says() {
    let Plan::Infrastructure(plan) = PlanSource::shipped(1).unwrap().check(&known()).unwrap() else {
        panic!("phase 1 is infrastructure");
    };
    assert_eq!(plan.models.pull, MODELS[..4]);
    assert_eq!((plan.impact.blocks, plan.impact.p50_ratio, plan.impact.p95_ratio), (10, 1.05, 1.25));
    assert_eq!(plan.impact.p50_tolerance, Duration::from_micros(50));
    assert_eq!(plan.impact.p95_tolerance, Duration::from_micros(250));
}

#[test]
fn every_plan_under_deploy_plans_is_good_and_so_are_the_rows_that_it_names() {
    let shipped = ["phase1.toml", "phase2.toml", "phase3.toml"].map(str::to_owned);
    for name in shipped.iter().cloned().chain(shipped.iter().map(|name| format!("demo/{name}"))) {
        let path = deploy_plans().join(&name);
        let text = std::fs::read_to_string(&path).unwrap();
        let plan = PlanSource::new(name, text)
            .check(&known())
            .unwrap_or_else(|faults| panic!("{faults}: {:?}", faults.faults));
        for (_, file) in plan.suite_files() {
            let rows = std::fs::read_to_string(path.with_file_name(file)).unwrap();
            assert_ne!(parse_rows(file, &rows).unwrap(), [], "{file}");
        }
    }
}

#[test]
fn an_unknown_key_is_named_with_the_nearest_one() {
    check(
        "p95_below",
        "p95_blow",
        "31:1: suites.performance.p95_blow: unknown key `p95_blow`; did you mean `p95_below`? accepted: `file`, `p95_below`, `rate`",
    );
}

#[test]
fn a_value_of_another_type_says_where_and_what() {
    check(
        "check_every = \"1m\"",
        "check_every = 60",
        "8:15: check_every: invalid type: integer `60`, expected a string",
    );
    check(
        "watch = \"24h\"",
        "watch = \"a day\"",
        "51:9: exposure[0].watch: `a day` is no duration; accepted: a number and a unit, such as `24h`, `90s` or `250us`",
    );
    check(
        "percentage = 25",
        "percentage = 250",
        "62:14: exposure[2].percentage: `250` is not a percentage; accepted: 0 to 100 in steps of 0.001",
    );
}

#[test]
fn a_tier_of_another_phase_is_refused() {
    check("tier1", "tier2", "6:8: tier: `tier2` is not the tier of phase 2; accepted: `tier1`");
    let text = PlanSource::shipped(3).unwrap().text.replacen("tier2", "tier1", 1);
    let faults = PlanSource::new("p.toml", text).check(&known()).unwrap_err().faults;
    assert_eq!(faults[0].message, "`tier1` is not the tier of phase 3; accepted: `tier2`");
}

#[test]
fn a_missing_key_is_named() {
    check("rows = 400\n", "", "20:1: suites.rows: is missing");
}

#[test]
fn a_model_that_the_catalogue_does_not_have_is_named_with_those_it_has() {
    check(
        "minilm",
        "minilmm",
        "12:9: initialise.model: no model `minilmm` in the catalogue; did you mean `minilm`? accepted: `minilm`, `openelm-1.1b-instruct`, `smollm-1.7b-instruct`, `smollm-360m-instruct`, `smollm2-135m-instruct`",
    );
}

#[test]
fn a_name_that_cannot_be_a_folder_or_a_header_is_refused() {
    let long = "x".repeat(65);
    for name in ["", "../elsewhere", "a/b", "two words", "phäse2", ".hidden", &long] {
        let accepted = "1 to 64 letters, digits, `-`, `_` and `.`, not beginning with `.`";
        let expected = format!("3:8: name: `{name}` cannot name a run; accepted: {accepted}");
        check("name = \"phase2\"", &format!("name = \"{name}\""), &expected);
    }
}

#[test]
fn figures_that_contradict_each_other_are_named() {
    check(
        "percentage = 10\n",
        "percentage = 5\n",
        "56:14: exposure[1].percentage: `5` is not above the step before it, 5; percentages only grow",
    );
    check(
        "watch = \"24h\"",
        "watch = \"4s\"",
        "51:9: exposure[0].watch: `4s` is over before the first look; accepted: at least `check_every`\n51:9: exposure[0].watch: `4s` is too short; accepted: 5s or more",
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = PlanSource::shipped(2).unwrap().text;
    let bad = text
        .replacen("check_every = \"1m\"", "check_every = 60", 1)
        .replacen("cache_size", "cache_sise", 1)
        .replacen("percentage = 10\n", "percentage = 4\n", 1)
        .replacen("renew_every = \"60s\"", "renew_every = \"10m\"", 1);
    let faults = PlanSource::new("p.toml", bad).check(&known()).unwrap_err();
    let paths: Vec<&str> = faults.faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(paths, ["check_every", "initialise.cache_sise", "exposure[1].percentage", "lease.ttl"]);
}

#[test]
fn a_plan_without_a_phase_says_which_there_are() {
    for (text, said) in [
        ("name = \"x\"", "1:1: phase: is missing; accepted: `phase = 1`, `phase = 2` or `phase = 3`"),
        ("phase = 7", "1:9: phase: names no phase; accepted: `phase = 1`, `phase = 2` or `phase = 3`"),
        ("phase = ", "1:9: string values must be quoted, expected literal string"),
    ] {
        let faults = PlanSource::new("p.toml", text).check(&known()).unwrap_err();
        assert_eq!(faults.faults[0].to_string(), said, "{text}");
    }
}

#[test]
fn a_schedule_shows_its_steps_and_its_whole_time() {
    let schedule = Schedule::new(Plan::Tier(Box::new(tier_plan())), TimeScale::REAL);
    assert_eq!(schedule.waits(), Duration::from_secs(34 * 3600));
    let names: Vec<&str> = schedule.steps.iter().map(|step| step.name.as_str()).collect();
    insta::assert_snapshot!(names.join("\n"));
}

#[test]
fn a_rehearsal_is_marked_and_shows_its_own_percentages_and_samples() {
    let schedule = Schedule::new(Plan::Tier(Box::new(tier_plan())), TimeScale::try_from(720.0).unwrap());
    assert_eq!(
        schedule.to_string(),
        "phase2 · tier1 to 5, 10, 25, 50, 75, 100 % of callers · at least 1000, 1000, 1000, 1000, 1000, 1000 attempts · REHEARSAL ×720"
    );
    assert_eq!(schedule.waits(), Duration::from_secs(120 + 5 * 10));
}
