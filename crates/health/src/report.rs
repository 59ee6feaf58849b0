//! Writes down how things stand, from what health has counted and what the server has measured.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use find_facts_core::health::{
    CacheReport, CohortReport, CpuReport, FeedbackReport, Figures, KbReport, MemoryReport, ModelReport,
    QualityReport, TierReport, TierState,
};
use find_facts_core::outcome::FallbackReason;
use find_facts_core::{Generation, HealthReport, Mode, Tier};

use crate::settings::Settings;
use crate::status::{Finding, of, worst};
use crate::tiers::{TierHealth, Tiers};

/// What a report holds that health does not know of itself.
#[derive(Debug, Clone, Default)]
pub struct ReportParts {
    /// Changes with every start of the server.
    pub instance: String,
    /// The flags' generation in force.
    pub generation: Generation,
    /// The knowledge base in service.
    pub kb: KbReport,
    /// Why tiers are held off whatever the stored flags say.
    pub masks: Vec<String>,
    /// The tiers that have been initialised; one that is absent is off.
    pub tiers: BTreeMap<Tier, TierParts>,
    /// Memory of the server and its workers.
    pub memory: MemoryReport,
    /// Processor use.
    pub cpu: CpuReport,
    /// Models, loaded or not.
    pub models: Vec<ModelReport>,
    /// What clients said of answers.
    pub feedback: FeedbackReport,
    /// How good each tier's answers are.
    pub quality: BTreeMap<Tier, QualityReport>,
}

/// What the server knows of a tier.
#[derive(Debug, Clone)]
pub struct TierParts {
    /// Whether it can run.
    pub state: TierState,
    /// Of its initialisation, 0 to 1.
    pub progress: f64,
    /// Why it is not ready, or what it does without.
    pub reasons: Vec<String>,
    /// Answers its cache holds.
    pub cache_entries: u64,
    /// Answers its cache may hold.
    pub cache_capacity: u64,
}

impl TierParts {
    fn off() -> Self {
        Self {
            state: TierState::Off,
            progress: 0.0,
            reasons: Vec::new(),
            cache_entries: 0,
            cache_capacity: 0,
        }
    }
}

/// What health itself has to say, taken at one moment.
pub(crate) struct Moment<'a> {
    pub(crate) now: Instant,
    pub(crate) time_ms: u64,
    pub(crate) uptime: Duration,
    pub(crate) ceiling: Mode,
    pub(crate) settings: &'a Settings,
    pub(crate) requests: RequestCounts,
    pub(crate) tiers: &'a Tiers,
}

/// All requests, whether or not a tier ran.
pub(crate) struct RequestCounts {
    pub(crate) figures: Figures,
    pub(crate) served: BTreeMap<Mode, u64>,
    pub(crate) fallbacks: BTreeMap<FallbackReason, u64>,
}

pub(crate) fn assemble(moment: Moment<'_>, mut parts: ReportParts) -> HealthReport {
    let basis = moment.tiers.basis(moment.now, moment.requests.figures);
    let found = moment.tiers.findings(moment.now, &basis, &moment.settings.limits);
    let generation = parts.generation;
    let tiers = Tier::ALL.into_iter().map(|tier| {
        let health = &moment.tiers.each[tier as usize];
        let figures = basis.tiers[tier as usize];
        let quality = parts.quality.remove(&tier).unwrap_or_default();
        let parts = parts.tiers.remove(&tier).unwrap_or_else(TierParts::off);
        let report = tier_report(health, figures, (moment.now, generation), parts, of(&found, Some(tier)));
        (tier, TierReport { quality, ..report })
    });
    let tiers = tiers.collect();
    let overall = of(&found, None);
    HealthReport {
        instance: parts.instance,
        time_ms: moment.time_ms,
        uptime_seconds: moment.uptime.as_secs_f64(),
        generation: parts.generation,
        kb: parts.kb,
        status: worst(overall.clone()),
        reasons: reasons(overall),
        ceiling: moment.ceiling,
        masks: parts.masks,
        window: moment.settings.into(),
        overall: basis.overall,
        tiers,
        served: moment.requests.served,
        fallbacks: moment.requests.fallbacks,
        requests: basis.requests,
        memory: parts.memory,
        cpu: parts.cpu,
        models: parts.models,
        feedback: parts.feedback,
    }
}

fn tier_report<'a>(
    health: &TierHealth,
    figures: Figures,
    (now, generation): (Instant, Generation),
    parts: TierParts,
    found: impl Iterator<Item = &'a Finding> + Clone,
) -> TierReport {
    let cohorts = health.cohorts.iter().map(|cohort| {
        let report = CohortReport {
            figures: cohort.window.figures(now),
            totals: cohort.totals.totals(),
            callers: cohort.callers.totals(generation),
        };
        (cohort.cohort, report)
    });
    TierReport {
        state: parts.state,
        progress: parts.progress,
        status: worst(found.clone()),
        reasons: parts.reasons.into_iter().chain(reasons(found)).collect(),
        breaker: health.gate.breaker_state(),
        breaker_open_seconds: health.gate.breaker_open_for(now).map(|open| open.as_secs_f64()),
        breaker_trips: health.gate.breaker_trips(now),
        figures,
        cohorts: cohorts.collect(),
        cache: CacheReport {
            hits: health.cache_hits,
            misses: health.cache_misses,
            entries: parts.cache_entries,
            capacity: parts.cache_capacity,
        },
        quality: QualityReport::default(),
    }
}

fn reasons<'a>(found: impl Iterator<Item = &'a Finding>) -> Vec<String> {
    found.map(|finding| finding.reason.clone()).collect()
}
