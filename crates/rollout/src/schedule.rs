//! A plan resolved into steps with names and scaled waiting times: what `plan show` prints and what a run walks along.

use std::fmt;
use std::time::Duration;

use find_facts_core::{Generation, Percent, Tier};

use crate::plan::{ExposurePlan, Plan, TierPlan};
use crate::scale::TimeScale;
use crate::suite::SuiteKind;
use crate::watch::{Watched, Yardstick};

/// The steps of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The plan.
    pub plan: Plan,
    /// What its waiting times are divided by.
    pub scale: TimeScale,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its name in the journal, in output and in idempotency keys.
    pub name: String,
    /// What it does.
    pub kind: StepKind,
    /// How long it waits at least; zero for steps that only work.
    pub waits: Duration,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind {
    /// Checks that the phase can begin.
    Inspect,
    /// Remembers legacy's answers.
    RecordLegacy,
    /// Brings a model into the cache.
    Pull(String),
    /// Stores the flags with every tier off.
    AllOff,
    /// Checks monitoring.
    Monitoring,
    /// Brings the store's format up to date.
    Migrate,
    /// Compares exact answers.
    Impact,
    /// Gives the tier its parameters.
    Initialise,
    /// Brings the tier's model into memory.
    Load(String),
    /// Waits until the tier is ready.
    AwaitReady,
    /// Runs a suite.
    Suite(SuiteKind),
    /// Gives the tier to more callers: the plan's exposure of this index.
    Expose(usize),
    /// Lets them settle.
    Settle(usize),
    /// Watches them.
    Watch(usize),
    /// Makes sure that the last exposure is still in force: what is measured from here on is measured of it.
    Confirm(usize),
    /// Measures the latency added.
    Added,
    /// Measures the success added.
    Accuracy,
    /// Holds what was measured against the criteria.
    Criteria,
}

impl StepKind {
    /// Whether the step writes to the flags.
    pub(crate) fn changes_flags(&self) -> bool {
        matches!(self, Self::AllOff | Self::Initialise | Self::Expose(_) | Self::Confirm(_))
    }
}

impl Schedule {
    /// Resolves a plan.
    pub fn new(plan: Plan, scale: TimeScale) -> Self {
        let steps = match &plan {
            Plan::Infrastructure(plan) => infrastructure(&plan.models.pull),
            Plan::Tier(plan) => tier(plan, scale),
        };
        Self { plan, scale, steps }
    }

    /// The tier whose percentage moves.
    pub fn tier(&self) -> Option<Tier> {
        self.tier_plan().map(|plan| plan.tier)
    }

    /// The plan, where it is one of a tier.
    pub fn tier_plan(&self) -> Option<&TierPlan> {
        match &self.plan {
            Plan::Infrastructure(_) => None,
            Plan::Tier(plan) => Some(plan),
        }
    }

    /// How long a run waits at least, work not counted.
    pub fn waits(&self) -> Duration {
        self.steps.iter().map(|step| step.waits).sum()
    }

    /// The shortest window, scaled: a server whose health window is longer cannot be watched with it.
    pub fn shortest_window(&self) -> Option<Duration> {
        self.steps.iter().filter(|step| matches!(step.kind, StepKind::Watch(_))).map(|step| step.waits).min()
    }

    /// The percentages and minimum samples, for every output of a run.
    pub fn exposures(&self) -> &[ExposurePlan] {
        self.tier_plan().map_or(&[], |plan| &plan.exposure)
    }

    /// Time between two looks, scaled.
    pub fn check_every(&self) -> Duration {
        self.tier_plan().map_or(crate::plan::MIN_CHECK, |plan| self.scale.check(plan.check_every))
    }

    /// How a window of this plan is watched.
    pub(crate) fn watched(plan: &TierPlan, scale: TimeScale, generation: Generation) -> Watched {
        // One look may be late or lost; what lies between looks further apart has been watched by nobody.
        let longest = scale.check(plan.check_every) * 2 + Duration::from_secs(1);
        let limits = &plan.limits;
        let margin = f64::from(limits.over_control) / 100.0;
        let yardstick = Yardstick { slow_us: micros(limits.p95), margin };
        Watched { tier: plan.tier, generation, longest_ms: millis(longest), yardstick }
    }

    /// The first step of this kind.
    pub(crate) fn position(&self, wanted: impl Fn(&StepKind) -> bool) -> Option<usize> {
        self.steps.iter().position(|step| wanted(&step.kind))
    }
}

pub(crate) fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) fn micros(length: Duration) -> u64 {
    u64::try_from(length.as_micros()).unwrap_or(u64::MAX)
}

/// REHEARSAL mark, percentages and samples in one line.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |values: Vec<String>| values.join(", ");
        write!(f, "{}", self.plan.name())?;
        if let Some(plan) = self.tier_plan() {
            let percentages = list(plan.exposure.iter().map(|step| step.percentage.to_string()).collect());
            let samples = list(plan.exposure.iter().map(|step| step.min_samples.to_string()).collect());
            write!(f, " · {} to {percentages} % of callers · at least {samples} attempts", plan.tier)?;
        }
        if self.scale.is_rehearsal() { write!(f, " · {}", self.scale) } else { Ok(()) }
    }
}

fn step(name: impl Into<String>, kind: StepKind) -> Step {
    Step { name: name.into(), kind, waits: Duration::ZERO }
}

fn infrastructure(models: &[String]) -> Vec<Step> {
    let pulls = models.iter().map(|id| step(format!("model-{id}"), StepKind::Pull(id.clone())));
    [step("environment", StepKind::Inspect), step("legacy-before", StepKind::RecordLegacy)]
        .into_iter()
        .chain(pulls)
        .chain([
            step("flags-off", StepKind::AllOff),
            step("monitoring", StepKind::Monitoring),
            step("schema", StepKind::Migrate),
            step("zero-impact", StepKind::Impact),
            step("criteria", StepKind::Criteria),
        ])
        .collect()
}

fn tier(plan: &TierPlan, scale: TimeScale) -> Vec<Step> {
    let load = plan.initialise.load.then(|| StepKind::Load(plan.initialise.model.clone()));
    let before = [("precondition", Some(StepKind::Inspect)), ("load-model", load)]
        .into_iter()
        .chain([("initialise", Some(StepKind::Initialise)), ("await-ready", Some(StepKind::AwaitReady))])
        .filter_map(|(name, kind)| Some(step(name, kind?)));
    let suites = SuiteKind::ALL.map(|kind| step(format!("suite-{kind}"), StepKind::Suite(kind)));
    let exposure =
        plan.exposure.iter().enumerate().flat_map(|(index, exposure)| exposed(index, exposure, scale));
    let last = plan.exposure.len().saturating_sub(1);
    let after = [
        step("confirm", StepKind::Confirm(last)),
        step("added-latency", StepKind::Added),
        step("accuracy", StepKind::Accuracy),
        step("criteria", StepKind::Criteria),
    ];
    before.chain(suites).chain(exposure).chain(after).collect()
}

fn exposed(index: usize, exposure: &ExposurePlan, scale: TimeScale) -> impl Iterator<Item = Step> {
    let share: Percent = exposure.percentage;
    let waiting = |name: &str, kind: StepKind, time| Step {
        name: format!("{name}-{share}"),
        kind,
        waits: scale.window(time),
    };
    let settle = exposure.settle.map(|time| waiting("settle", StepKind::Settle(index), time));
    let watch = waiting("watch", StepKind::Watch(index), exposure.watch);
    std::iter::once(step(format!("expose-{share}"), StepKind::Expose(index))).chain(settle).chain([watch])
}
