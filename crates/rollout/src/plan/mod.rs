//! A plan: every waiting time, threshold and size of a phase, as its TOML file states them.
//! Every field is stated by the file; the shipped files under `deploy-plans/` hold the specification's figures.

mod check;
mod fault;
mod friendly;
mod infrastructure;
mod lint;
mod source;
mod suites;
mod template;
mod tier;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use check::check;
pub use fault::{Fault, Faults};
pub use friendly::text as duration_text;
pub use infrastructure::{EnvironmentPlan, ImpactPlan, InfrastructurePlan, ModelsPlan};
pub use lint::{Known, MIN_CHECK, MIN_WINDOW};
pub use source::PlanSource;
pub use suites::{AcceptanceSuite, PerformanceSuite, ShareSuite, SuitesPlan};
pub use tier::{CapacityPlan, CriteriaPlan, ExposurePlan, InitialisePlan, LimitsPlan, TierPlan};

use crate::suite::SuiteKind;

/// A plan that was checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Plan {
    /// Phase 1: what the tiers need, with all of them off.
    Infrastructure(Box<InfrastructurePlan>),
    /// A phase that takes one tier into production.
    Tier(Box<TierPlan>),
}

/// The right to change the server, held for as long as the run lasts. Never scaled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeasePlan {
    /// The server takes the controller for gone after this long without a renewal.
    #[serde(with = "friendly")]
    pub ttl: Duration,
    /// It is renewed this often.
    #[serde(with = "friendly")]
    pub renew_every: Duration,
}

impl Plan {
    /// The plan's name, which is also shown to the server.
    pub fn name(&self) -> &str {
        match self {
            Plan::Infrastructure(plan) => &plan.name,
            Plan::Tier(plan) => &plan.name,
        }
    }

    /// What the plan does, in a few words.
    pub fn title(&self) -> &str {
        match self {
            Plan::Infrastructure(plan) => &plan.title,
            Plan::Tier(plan) => &plan.title,
        }
    }

    /// The number of the phase.
    pub fn phase(&self) -> u8 {
        match self {
            Plan::Infrastructure(plan) => plan.phase,
            Plan::Tier(plan) => plan.phase,
        }
    }

    /// Files of suites that the plan names, relative to it.
    pub fn suite_files(&self) -> Vec<(SuiteKind, &str)> {
        let Plan::Tier(plan) = self else { return Vec::new() };
        let suites = &plan.suites;
        let files = [
            (SuiteKind::Unit, &suites.unit.file),
            (SuiteKind::Integration, &suites.integration.file),
            (SuiteKind::Performance, &suites.performance.file),
            (SuiteKind::Acceptance, &suites.acceptance.file),
        ];
        files.into_iter().filter_map(|(kind, file)| Some((kind, file.as_deref()?))).collect()
    }

    /// The plan's lease.
    pub fn lease(&self) -> LeasePlan {
        match self {
            Plan::Infrastructure(plan) => plan.lease,
            Plan::Tier(plan) => plan.lease,
        }
    }
}
