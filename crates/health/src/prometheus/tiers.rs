//! The tiers' own families: state, breaker, cache, and attempts since the start.

use find_facts_core::health::{BreakerState, HealthReport, TierReport, TierState, Totals};

use super::text::{Family, Kind, Text};

/// Upper bounds in milliseconds: the tiers' limits (20, 100, 500, 1000) and steps between that show a shift.
const BOUNDS_MS: [u64; 13] = [1, 2, 5, 10, 15, 20, 50, 80, 100, 200, 500, 1000, 2000];

pub(super) fn write(text: &mut Text, report: &HealthReport) {
    states(text, report);
    for (name, help, read) in GAUGES {
        each_tier(text, report, Kind::Gauge, name, help, read);
    }
    for (name, help, read) in COUNTERS {
        each_tier(text, report, Kind::Counter, name, help, read);
    }
    quality(text, report);
    attempts(text, report);
    durations(text, report);
}

/// A figure of a tier: name, help and how to read it.
type TierFigure = (&'static str, &'static str, fn(&TierReport) -> Option<f64>);

const GAUGES: [TierFigure; 8] = [
    ("find_facts_tier_progress_ratio", "Progress of the tier's initialisation.", |tier| Some(tier.progress)),
    ("find_facts_breaker_open", "Whether the tier's breaker is open; probes may be succeeding.", |tier| {
        Some(f64::from(u8::from(tier.breaker != BreakerState::Closed)))
    }),
    (
        "find_facts_breaker_open_seconds",
        "How long the breaker has been open; absent when it is closed.",
        |tier| tier.breaker_open_seconds,
    ),
    ("find_facts_breaker_recent_trips", "How often the breaker opened in the last 10 minutes.", |tier| {
        Some(tier.breaker_trips as f64)
    }),
    ("find_facts_cache_entries", "Answers that the tier's cache holds.", |tier| {
        Some(tier.cache.entries as f64)
    }),
    ("find_facts_cache_capacity", "Answers that it may hold.", |tier| Some(tier.cache.capacity as f64)),
    (
        "find_facts_golden_right_ratio",
        "Share of the last golden probes that the tier answered right; absent below 20.",
        |tier| tier.quality.golden.right_rate,
    ),
    (
        "find_facts_shadow_agreement_ratio",
        "Share of the last clients' requests in which the tier finds what the mode below it finds; absent below 20.",
        |tier| tier.quality.shadow.agreement,
    ),
];

const COUNTERS: [TierFigure; 2] = [
    ("find_facts_cache_hits_total", "Answers found in the tier's cache.", |tier| {
        Some(tier.cache.hits as f64)
    }),
    ("find_facts_cache_misses_total", "Answers not found in it.", |tier| Some(tier.cache.misses as f64)),
];

fn each_tier(
    text: &mut Text,
    report: &HealthReport,
    kind: Kind,
    name: &str,
    help: &str,
    read: fn(&TierReport) -> Option<f64>,
) {
    let mut family = text.family(kind, name, help);
    for (tier, of_tier) in &report.tiers {
        family.sample(&[("tier", tier.name())], read(of_tier));
    }
}

fn states(text: &mut Text, report: &HealthReport) {
    let mut family =
        text.family(Kind::Gauge, "find_facts_tier_state", "1 for the state that the tier is in.");
    for (tier, of_tier) in &report.tiers {
        for state in TierState::ALL {
            let is_in_it = f64::from(u8::from(of_tier.state == state));
            family.sample(&[("tier", tier.name()), ("state", state.name())], is_in_it);
        }
    }
}

fn quality(text: &mut Text, report: &HealthReport) {
    let help = "Golden probes that a tier answered.";
    let mut family = text.family(Kind::Counter, "find_facts_golden_probes_total", help);
    for (tier, of_tier) in &report.tiers {
        let golden = of_tier.quality.golden.totals;
        for (result, count) in [("right", golden.right), ("wrong", golden.wrong())] {
            family.sample(&[("tier", tier.name()), ("result", result)], count as f64);
        }
    }
    let help = "Clients' requests asked once more of a tier and of the mode below it, by what became of their facts.";
    let mut family = text.family(Kind::Counter, "find_facts_shadow_pairs_total", help);
    for (tier, of_tier) in &report.tiers {
        let shadow = of_tier.quality.shadow;
        let found = shadow.same + shadow.different + shadow.gained + shadow.lost;
        let neither = shadow.pairs.saturating_sub(found);
        let results = [
            ("same", shadow.same),
            ("different", shadow.different),
            ("gained", shadow.gained),
            ("lost", shadow.lost),
            ("neither", neither),
        ];
        for (result, count) in results {
            family.sample(&[("tier", tier.name()), ("result", result)], count as f64);
        }
    }
}

fn attempts(text: &mut Text, report: &HealthReport) {
    let help = "Attempts of a tier; for the control cohort, the requests that went without it.";
    let mut family = text.family(Kind::Counter, "find_facts_attempts_total", help);
    for (tier, cohort, totals) in totals(report) {
        let good = totals.attempts.saturating_sub(totals.errors + totals.panics + totals.timeouts);
        let results =
            [("ok", good), ("error", totals.errors), ("panic", totals.panics), ("timeout", totals.timeouts)];
        for (result, count) in results {
            let labels = [("tier", tier), ("cohort", cohort), ("result", result)];
            family.sample(&labels, count as f64);
        }
    }
}

fn durations(text: &mut Text, report: &HealthReport) {
    let help = "How long these attempts took, to within 1 %.";
    let mut family = text.family(Kind::Histogram, "find_facts_attempt_duration_seconds", help);
    for (tier, cohort, totals) in totals(report) {
        histogram(&mut family, [("tier", tier), ("cohort", cohort)], totals);
    }
}

fn histogram(family: &mut Family<'_>, labels: [(&str, &str); 2], totals: &Totals) {
    let [tier, cohort] = labels;
    for bound_ms in BOUNDS_MS {
        let within = totals.latency_us.iter().filter(|[upper, _]| *upper <= bound_ms * 1000);
        let count: u64 = within.map(|[_, count]| count).sum();
        let bound = (bound_ms as f64 / 1000.0).to_string();
        family.suffixed("_bucket", &[tier, cohort, ("le", &bound)], count as f64);
    }
    let sum_us: u64 = totals.latency_us.iter().map(|[upper, count]| upper * count).sum();
    family.suffixed("_bucket", &[tier, cohort, ("le", "+Inf")], totals.attempts as f64);
    family.suffixed("_sum", &labels, sum_us as f64 / 1e6);
    family.suffixed("_count", &labels, totals.attempts as f64);
}

fn totals(report: &HealthReport) -> Vec<(&'static str, &'static str, &Totals)> {
    let of_tiers = report.tiers.iter().flat_map(|(tier, of_tier)| {
        of_tier.cohorts.iter().map(|(cohort, report)| (tier.name(), cohort.name(), &report.totals))
    });
    of_tiers.collect()
}
