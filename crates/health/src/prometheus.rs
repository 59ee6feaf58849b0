//! The report as Prometheus reads it. Every family is there from the first scrape on; names are in base units (seconds,
//! bytes, ratios), and what only grows ends in `_total`.

mod text;
mod tiers;

use find_facts_core::Mode;
use find_facts_core::health::{Figures, HealthReport, ModelReport};
use find_facts_core::outcome::FallbackReason;

use self::text::{Kind, Text};

/// The media type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The report in the text format.
pub fn render(report: &HealthReport) -> String {
    let mut text = Text::default();
    server(&mut text, report);
    status(&mut text, report);
    windows(&mut text, report);
    counters(&mut text, report);
    tiers::write(&mut text, report);
    machine(&mut text, report);
    models(&mut text, report);
    text.finish()
}

fn server(text: &mut Text, report: &HealthReport) {
    text.family(Kind::Gauge, "find_facts_instance_info", "Always 1; the label changes with every start.")
        .sample(&[("instance_id", &report.instance)], 1.0);
    text.family(Kind::Gauge, "find_facts_uptime_seconds", "How long the server has run.")
        .sample(&[], report.uptime_seconds);
    text.family(Kind::Gauge, "find_facts_flags_generation", "The generation of the flags in force.")
        .sample(&[], report.generation.0 as f64);
    text.family(Kind::Gauge, "find_facts_masks", "Masks that hold tiers off whatever the flags say.")
        .sample(&[], report.masks.len() as f64);
    let version = report.kb.version.map(|version| version.0 as f64);
    text.family(
        Kind::Gauge,
        "find_facts_knowledge_base_version",
        "The version of the knowledge base in service.",
    )
    .sample(&[], version);
    text.family(Kind::Gauge, "find_facts_knowledge_base_facts", "Facts in the knowledge base.")
        .sample(&[], report.kb.facts as f64);
    text.family(Kind::Gauge, "find_facts_knowledge_base_entities", "Names that stand as subject or object.")
        .sample(&[], report.kb.entities as f64);
    text.family(Kind::Gauge, "find_facts_knowledge_base_predicates", "Relations in the knowledge base.")
        .sample(&[], report.kb.predicates as f64);
}

fn status(text: &mut Text, report: &HealthReport) {
    let help = "Status of the server as a whole and of each tier: 0 healthy, 1 degraded, 2 critical.";
    let mut family = text.family(Kind::Gauge, "find_facts_status", help);
    family.sample(&[("scope", "overall")], f64::from(report.status as u8));
    for (tier, of_tier) in &report.tiers {
        family.sample(&[("scope", tier.name())], f64::from(of_tier.status as u8));
    }
    let ceiling = report.ceiling.tier().map_or(0.0, |tier| f64::from(tier as u8) + 1.0);
    text.family(
        Kind::Gauge,
        "find_facts_ceiling_tier",
        "The highest tier that health allows; 0 is exact only.",
    )
    .sample(&[], ceiling);
}

/// A figure of a window: name, help and how to read it.
type WindowFigure = (&'static str, &'static str, fn(&Figures) -> Option<f64>);

const WINDOW_FIGURES: [WindowFigure; 7] = [
    ("seconds", "How far back the health window reaches.", |figures| Some(figures.seconds)),
    ("attempts", "Requests or attempts in the health window.", |figures| Some(figures.attempts as f64)),
    ("errors", "Those that ended in error, panic or time-out.", |figures| Some(figures.errors as f64)),
    ("error_ratio", "Share of errors; absent below 20 attempts.", |figures| figures.error_rate),
    ("timeout_ratio", "Share of time-outs; absent below 20 attempts.", |figures| figures.timeout_rate),
    ("fallback_ratio", "Share that a lower tier answered; absent below 20 attempts.", |figures| {
        figures.fallback_rate
    }),
    ("attempts_per_second", "Requests or attempts a second.", |figures| Some(figures.per_second)),
];

fn windows(text: &mut Text, report: &HealthReport) {
    for (name, help, read) in WINDOW_FIGURES {
        let name = format!("find_facts_window_{name}");
        let mut family = text.family(Kind::Gauge, &name, help);
        for (scope, cohort, figures) in scopes(report) {
            family.sample(&[("scope", scope), ("cohort", cohort)], read(figures));
        }
    }
    let help = "Percentiles of latency in the health window; absent below 100 attempts.";
    let mut family = text.family(Kind::Gauge, "find_facts_window_latency_seconds", help);
    for (scope, cohort, figures) in scopes(report) {
        let percentiles = [("50", figures.p50_ms), ("95", figures.p95_ms), ("99", figures.p99_ms)];
        for (percentile, ms) in percentiles {
            let labels = [("scope", scope), ("cohort", cohort), ("percentile", percentile)];
            family.sample(&labels, ms.map(|ms| ms / 1000.0));
        }
    }
}

/// Every window of the report, by what it is over and by cohort.
fn scopes(report: &HealthReport) -> Vec<(&'static str, &'static str, &Figures)> {
    let mut scopes = vec![("requests", "all", &report.requests), ("overall", "all", &report.overall)];
    for (tier, of_tier) in &report.tiers {
        scopes.push((tier.name(), "all", &of_tier.figures));
        for (cohort, of_cohort) in &of_tier.cohorts {
            scopes.push((tier.name(), cohort.name(), &of_cohort.figures));
        }
    }
    scopes
}

fn counters(text: &mut Text, report: &HealthReport) {
    let mut family =
        text.family(Kind::Counter, "find_facts_served_total", "Requests by the mode that served them.");
    for mode in Mode::ALL {
        family.sample(&[("mode", mode.name())], count(report.served.get(&mode)));
    }
    let help = "Requests that a lower tier answered than the one asked for, by the reason.";
    let mut family = text.family(Kind::Counter, "find_facts_fallbacks_total", help);
    for reason in FallbackReason::ALL {
        family.sample(&[("reason", reason.name())], count(report.fallbacks.get(&reason)));
    }
    let feedback = &report.feedback;
    text.family(Kind::Counter, "find_facts_feedback_total", "What clients said of answers, by score.")
        .sample(&[("score", "1")], feedback.positive as f64)
        .sample(&[("score", "0")], feedback.neutral as f64)
        .sample(&[("score", "-1")], feedback.negative as f64);
}

fn machine(text: &mut Text, report: &HealthReport) {
    let (memory, cpu) = (&report.memory, &report.cpu);
    let mut gauge = |name: &str, help: &str, value: Option<f64>| {
        text.family(Kind::Gauge, name, help).sample(&[], value);
    };
    let stalled = |percent: Option<f64>| percent.map(|percent| percent / 100.0);
    gauge(
        "find_facts_memory_pss_bytes",
        "Memory of the server and its workers.",
        Some(memory.pss_bytes as f64),
    );
    gauge("find_facts_memory_limit_bytes", "Memory that may be used.", Some(memory.limit_bytes as f64));
    gauge(
        "find_facts_memory_available_bytes",
        "Memory still to be had.",
        Some(memory.available_bytes as f64),
    );
    gauge("find_facts_memory_pressure_ratio", "Memory used of what may be used.", Some(memory.pressure));
    let help = "Share of the last minute in which some task waited for memory.";
    gauge("find_facts_memory_stalled_ratio", help, stalled(memory.psi_some_avg60));
    gauge("find_facts_cpu_cores", "Cores that may be used.", Some(cpu.cores));
    gauge(
        "find_facts_cpu_pressure_ratio",
        "Busy share of these cores over five minutes.",
        Some(cpu.pressure),
    );
    let help = "Share of the last minute in which some task waited for a core.";
    gauge("find_facts_cpu_stalled_ratio", help, stalled(cpu.psi_some_avg60));
}

fn models(text: &mut Text, report: &HealthReport) {
    let mut family = text.family(Kind::Gauge, "find_facts_model_loaded", "Whether a model is in memory.");
    for model in &report.models {
        family.sample(&labels(model), f64::from(u8::from(model.loaded)));
    }
    let mut family =
        text.family(Kind::Gauge, "find_facts_model_load_seconds", "How long loading a model took.");
    for model in &report.models {
        family.sample(&labels(model), model.load_ms.map(|ms| ms / 1000.0));
    }
    let help = "Memory of a model (PSS): its own process, or what the server grew by.";
    let mut family = text.family(Kind::Gauge, "find_facts_model_memory_bytes", help);
    for model in &report.models {
        family.sample(&labels(model), model.memory_bytes.map(|bytes| bytes as f64));
    }
}

fn labels(model: &ModelReport) -> [(&'static str, &str); 2] {
    [("model", &model.id), ("tier", model.tier.name())]
}

/// A counter that has not been counted yet stands at zero.
fn count(counted: Option<&u64>) -> f64 {
    counted.copied().unwrap_or(0) as f64
}
