//! What a scrape of the report reads.

use std::collections::BTreeSet;

use find_facts_core::health::{GoldenTotals, ModelReport, ShadowReport, Status, Totals};
use find_facts_core::outcome::FallbackReason;
use find_facts_core::{Cohort, HealthReport, Mode, Tier};
use find_facts_health::prometheus::render;
use find_facts_testkit::healthy_report;

/// Lines that a healthy report, once changed, has to have.
fn check(change: impl FnOnce(&mut HealthReport), expected: &[&str]) {
    let mut report = healthy_report();
    change(&mut report);
    let text = render(&report);
    for line in expected {
        assert!(text.lines().any(|found| found == *line), "`{line}` is missing in\n{text}");
    }
}

#[test]
fn figures_are_in_base_units() {
    check(
        |_| {},
        &[
            "find_facts_memory_pss_bytes 400000000",
            "find_facts_cpu_stalled_ratio 0.015",
            "find_facts_window_latency_seconds{scope=\"overall\",cohort=\"all\",percentile=\"95\"} 0.008",
            "find_facts_window_error_ratio{scope=\"tier1\",cohort=\"all\"} 0.0025",
            "find_facts_served_total{mode=\"exact\"} 400",
        ],
    );
}

#[test]
fn status_and_ceiling_are_numbers() {
    check(
        |report| {
            report.ceiling = Mode::EntityLinked;
            report.tiers.get_mut(&Tier::Tier2).unwrap().status = Status::Critical;
        },
        &[
            "find_facts_status{scope=\"overall\"} 0",
            "find_facts_status{scope=\"tier2\"} 2",
            "find_facts_ceiling_tier 1",
            "find_facts_tier_state{tier=\"tier1\",state=\"ready\"} 1",
            "find_facts_tier_state{tier=\"tier1\",state=\"off\"} 0",
        ],
    );
}

#[test]
fn fallbacks_that_never_happened_stand_at_zero() {
    check(
        |report| {
            report.fallbacks.insert(FallbackReason::BreakerOpen, 3);
        },
        &[
            "find_facts_fallbacks_total{reason=\"breaker_open\"} 3",
            "find_facts_fallbacks_total{reason=\"error\"} 0",
        ],
    );
}

#[test]
fn how_good_answers_are_has_no_opinion_before_twenty() {
    check(
        |report| {
            let quality = &mut report.tiers.get_mut(&Tier::Tier1).unwrap().quality;
            quality.golden.totals = GoldenTotals { answered: 40, right: 38 };
            quality.golden.right_rate = Some(0.95);
            quality.shadow = ShadowReport { pairs: 9, same: 5, gained: 1, ..ShadowReport::default() };
        },
        &[
            "find_facts_golden_right_ratio{tier=\"tier1\"} 0.95",
            "find_facts_golden_probes_total{tier=\"tier1\",result=\"wrong\"} 2",
            "find_facts_golden_probes_total{tier=\"tier2\",result=\"right\"} 0",
            "find_facts_shadow_pairs_total{tier=\"tier1\",result=\"gained\"} 1",
            "find_facts_shadow_pairs_total{tier=\"tier1\",result=\"neither\"} 3",
        ],
    );
    assert!(!render(&healthy_report()).contains("find_facts_shadow_agreement_ratio{"));
}

#[test]
fn totals_become_a_cumulative_histogram() {
    let totals = Totals {
        attempts: 10,
        errors: 1,
        panics: 2,
        timeouts: 3,
        latency_us: vec![[900, 4], [20_000, 3], [3_000_000, 3]],
    };
    let of = |rest: &str| format!("find_facts_attempt_duration_seconds{rest}");
    let labels = "tier=\"tier1\",cohort=\"canary\"";
    check(
        |report| {
            report.tiers.get_mut(&Tier::Tier1).unwrap().cohorts.get_mut(&Cohort::Canary).unwrap().totals =
                totals;
        },
        &[
            &format!("find_facts_attempts_total{{{labels},result=\"ok\"}} 4"),
            &format!("find_facts_attempts_total{{{labels},result=\"timeout\"}} 3"),
            &of(&format!("_bucket{{{labels},le=\"0.001\"}} 4")),
            &of(&format!("_bucket{{{labels},le=\"0.02\"}} 7")),
            &of(&format!("_bucket{{{labels},le=\"2\"}} 7")),
            &of(&format!("_bucket{{{labels},le=\"+Inf\"}} 10")),
            &of(&format!("_sum{{{labels}}} 9.0636")),
            &of(&format!("_count{{{labels}}} 10")),
        ],
    );
}

#[test]
fn no_opinion_is_no_sample() {
    let mut report = healthy_report();
    report.overall.error_rate = None;
    let text = render(&report);
    assert!(!text.contains("find_facts_window_error_ratio{scope=\"overall\""));
    assert!(!text.contains("find_facts_breaker_open_seconds{"));
}

#[test]
fn models_are_told_apart() {
    let model = ModelReport {
        id: "minilm".to_owned(),
        tier: Tier::Tier1,
        loaded: true,
        load_ms: Some(120.0),
        memory_bytes: Some(5_000_000),
    };
    check(
        |report| report.models.push(model),
        &[
            "find_facts_model_loaded{model=\"minilm\",tier=\"tier1\"} 1",
            "find_facts_model_load_seconds{model=\"minilm\",tier=\"tier1\"} 0.12",
            "find_facts_model_memory_bytes{model=\"minilm\",tier=\"tier1\"} 5000000",
        ],
    );
}

#[test]
fn every_family_is_declared_once_and_named_for_its_kind() {
    let text = render(&healthy_report());
    let mut families = BTreeSet::new();
    let mut open = "";
    for line in text.lines() {
        if let Some(declared) = line.strip_prefix("# TYPE ") {
            let (name, kind) = declared.split_once(' ').unwrap();
            assert!(families.insert(name), "{name} is declared twice");
            assert_eq!(name.ends_with("_total"), kind == "counter", "{declared}");
            open = name;
        } else if !line.starts_with('#') {
            assert!(line.starts_with(open), "`{line}` stands under {open}");
        }
    }
    assert_eq!(text.matches("# HELP ").count(), families.len());
}
