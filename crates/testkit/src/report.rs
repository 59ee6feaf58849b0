//! A report of a server that is well: the starting point of tests about those that are not.

use std::collections::BTreeMap;

use find_facts_core::health::{
    BreakerState, CacheReport, CohortReport, CpuReport, FeedbackReport, Figures, KbReport, MemoryReport,
    QualityReport, Status, TierReport, TierState, WindowSettings,
};
use find_facts_core::{Cohort, Generation, HealthReport, KbVersion, Mode, Tier};

/// Every tier ready, a window full of good attempts, plenty of memory.
pub fn healthy_report() -> HealthReport {
    HealthReport {
        instance: "instance-1".to_owned(),
        time_ms: 1_767_225_600_000,
        uptime_seconds: 600.0,
        generation: Generation(7),
        kb: KbReport { version: Some(KbVersion(1)), facts: 1000, entities: 400, predicates: 20 },
        status: Status::Healthy,
        reasons: Vec::new(),
        ceiling: Mode::ResearchGrade,
        masks: Vec::new(),
        window: WindowSettings { seconds: 60.0, collect_seconds: 30.0, assess_seconds: 60.0 },
        overall: good_figures(),
        tiers: Tier::ALL.into_iter().map(|tier| (tier, healthy_tier())).collect(),
        served: Mode::ALL.into_iter().map(|mode| (mode, 400)).collect(),
        fallbacks: BTreeMap::new(),
        requests: good_figures(),
        memory: MemoryReport {
            pss_bytes: 400_000_000,
            limit_bytes: 16_000_000_000,
            available_bytes: 12_000_000_000,
            pressure: 0.025,
            psi_some_avg60: Some(0.0),
        },
        cpu: CpuReport { cores: 2.0, pressure: 0.2, psi_some_avg60: Some(1.5) },
        models: Vec::new(),
        feedback: FeedbackReport::default(),
    }
}

fn healthy_tier() -> TierReport {
    let cohorts = [Cohort::Canary, Cohort::Control, Cohort::Rest];
    TierReport {
        state: TierState::Ready,
        progress: 1.0,
        status: Status::Healthy,
        reasons: Vec::new(),
        breaker: BreakerState::Closed,
        breaker_open_seconds: None,
        breaker_trips: 0,
        figures: good_figures(),
        cohorts: cohorts.into_iter().map(|cohort| (cohort, CohortReport::default())).collect(),
        cache: CacheReport::default(),
        quality: QualityReport::default(),
    }
}

/// 400 attempts in a minute, of which one failed.
fn good_figures() -> Figures {
    Figures {
        seconds: 60.0,
        attempts: 400,
        errors: 1,
        error_rate: Some(0.0025),
        timeout_rate: Some(0.0),
        fallback_rate: Some(0.0025),
        per_second: 400.0 / 60.0,
        p50_ms: Some(2.0),
        p95_ms: Some(8.0),
        p99_ms: Some(15.0),
    }
}
