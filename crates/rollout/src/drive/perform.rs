//! Each act, done. Acts that write carry their key; acts that only look can be done again from their beginning.

use std::time::Duration;

use find_facts_api::admin::{FlagsWritten, GenerationRecord, ModelMemory, ModelState, ReloadRequest};
use find_facts_core::health::TierState;
use find_facts_core::{FlagKey, FlagSet, HealthReport, Tier};

use super::Driver;
use super::call::Halt;
use super::upkeep::Waited;
use crate::act::{Act, InspectedModel, Inspection, LoadedModel, Numbered, Outcome};
use crate::note::Note;
use crate::plan::{Plan, duration_text};
use crate::ports::Change;

/// How often the server is asked how far it has come with something long.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// A server that comes back this often and goes again is not there to be measured.
const MEASURED_AT_MOST: usize = 5;

impl Driver<'_> {
    pub(super) fn perform(&mut self, act: &Numbered) -> Result<Outcome, Halt> {
        let key = act.key(&self.run.opened.run);
        match &act.act {
            Act::Change(request) => self.change(request, &key),
            Act::PullModel { id } => self.pull(id, &key),
            Act::LoadModel { id } => self.load(id, &key),
            Act::Settle { seconds } => self.settle(*seconds),
            Act::MigrateStore => Ok(Outcome::Migrated(self.call(|server| server.migrate(&key))?)),
            Act::Inspect => self.inspect(),
            Act::RecordLegacy => Ok(Outcome::Legacy(self.legacy()?)),
            Act::CheckMonitoring => self.check_monitoring(),
            Act::AwaitReady { tier } => self.ready(*tier).map(|_| Outcome::Ready),
            Act::RunSuite { suite } => self.steadily(|run| run.run_suite(*suite)).map(Outcome::Suite),
            Act::MeasureImpact => self.measure_impact().map(Outcome::Impact),
            Act::MeasureAdded => self.steadily(Self::measure_added).map(Outcome::Added),
            Act::MeasureAccuracy => self.steadily(Self::measure_accuracy).map(Outcome::Accuracy),
        }
    }

    fn change(&mut self, request: &ReloadRequest, key: &str) -> Result<Outcome, Halt> {
        if let Change::Written(written) = self.call(|server| server.change(request, key))? {
            return Ok(Outcome::Changed(written));
        }
        let known = request.expect_generation;
        let mut since = self.call(|server| server.history())?.generations;
        since.retain(|record| record.generation > known);
        // A server that looks at the generation before the key still knows whether it happened.
        let ours = since.iter().find(|record| record.idempotency_key.as_deref() == Some(key));
        Ok(match ours {
            Some(record) => Outcome::Changed(FlagsWritten { generation: record.generation, changed: false }),
            None => Outcome::Raced { since },
        })
    }

    fn pull(&mut self, id: &str, key: &str) -> Result<Outcome, Halt> {
        self.call(|server| server.pull(id, key))?;
        let within = match &self.run.schedule.plan {
            Plan::Infrastructure(plan) => plan.models.within,
            Plan::Tier(plan) => plan.initialise.ready_within,
        };
        let until = self.world.timer.now() + within;
        loop {
            let list = self.call(|server| server.models())?;
            let Some(model) = list.models.into_iter().find(|model| model.id == id) else {
                return Err(Halt::Failed(format!("the server's catalogue has no model `{id}`")));
            };
            match model.state {
                ModelState::Verified => return Ok(Outcome::Pulled { bytes: model.bytes }),
                ModelState::Unpinned => {
                    return Err(Halt::Failed(format!("model `{id}` has no digest in the catalogue")));
                }
                ModelState::Failed => {
                    return Err(Halt::Failed(
                        model.error.unwrap_or_else(|| format!("pulling `{id}` failed")),
                    ));
                }
                ModelState::Absent | ModelState::Pulling => {}
            }
            self.working(format!("pulling {id}"), model.bytes, model.total_bytes.unwrap_or(0));
            self.pause_until(until, || format!("`{id}` is not there after {}", duration_text(within)))?;
        }
    }

    fn load(&mut self, id: &str, key: &str) -> Result<Outcome, Halt> {
        self.call(|server| server.load(id, key))?;
        let within =
            self.run.schedule.tier_plan().map(|plan| plan.initialise.ready_within).unwrap_or_default();
        let until = self.world.timer.now() + within;
        loop {
            let list = self.call(|server| server.models())?;
            let model = list.models.into_iter().find(|model| model.id == id);
            match model.and_then(|model| model.memory) {
                Some(ModelMemory::Loaded { bytes, load_ms }) => {
                    return Ok(Outcome::Loaded(LoadedModel { id: id.to_owned(), bytes, load_ms }));
                }
                Some(ModelMemory::Failed { reason }) => return Err(Halt::Failed(reason)),
                Some(ModelMemory::Loading) => {}
                // A server that was restarted meanwhile has forgotten that it was to load it.
                None => self.call(|server| server.load(id, key))?,
            }
            self.working(format!("loading {id}"), 0, 0);
            self.pause_until(until, || format!("`{id}` is not loaded after {}", duration_text(within)))?;
        }
    }

    fn settle(&mut self, seconds: f64) -> Result<Outcome, Halt> {
        let length = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        self.working("settling".to_owned(), 0, 0);
        match self.wait(length)? {
            Waited::Over => Ok(Outcome::Settled),
            Waited::Ordered => Err(Halt::Ordered),
        }
    }

    /// Measures what the tier does, within one start of the server: a restarted one answers without the tier until that
    /// is ready again, which says nothing of the tier.
    fn steadily<T>(&mut self, measure: impl Fn(&mut Self) -> Result<T, Halt>) -> Result<T, Halt> {
        let Some(tier) = self.run.schedule.tier() else { return measure(self) };
        for _ in 0..MEASURED_AT_MOST {
            let began = self.ready(tier)?.instance;
            let measured = measure(self);
            if let Err(Halt::Ordered | Halt::Stop(_)) = measured {
                return measured;
            }
            if self.call(|server| server.report())?.instance == began {
                return measured;
            }
        }
        Err(Halt::Failed(format!("the server was restarted while it was measured, {MEASURED_AT_MOST} times")))
    }

    /// The report of a server whose tier is ready.
    fn ready(&mut self, tier: Tier) -> Result<HealthReport, Halt> {
        let within =
            self.run.schedule.tier_plan().map(|plan| plan.initialise.ready_within).unwrap_or_default();
        let until = self.world.timer.now() + within;
        loop {
            let report = self.call(|server| server.report())?;
            let its = report.tiers.get(&tier);
            match its.map_or(TierState::Off, |its| its.state) {
                TierState::Ready => return Ok(report),
                TierState::Failed => {
                    let reasons = its.map(|its| its.reasons.join(", ")).unwrap_or_default();
                    return Err(Halt::Failed(format!("{tier} could not be initialised: {reasons}")));
                }
                TierState::Off | TierState::Loading => {}
            }
            let progress = its.map_or(0.0, |its| its.progress);
            self.working(format!("initialising {tier}"), (progress * 100.0) as u64, 100);
            self.pause_until(until, || format!("{tier} is not ready after {}", duration_text(within)))?;
        }
    }

    /// Waits for progress; after `until` the act has failed.
    fn pause_until(&mut self, until: std::time::Instant, late: impl Fn() -> String) -> Result<(), Halt> {
        if self.world.timer.now() >= until {
            return Err(Halt::Failed(late()));
        }
        self.world.timer.sleep(PROGRESS_EVERY);
        self.breathe()
    }

    fn check_monitoring(&mut self) -> Result<Outcome, Halt> {
        let info = self.call(|server| server.info())?;
        let mut parts = Vec::new();
        for part in info.monitoring {
            parts.push((part, self.call(|server| server.look_at(part))?));
        }
        Ok(Outcome::Monitoring(parts))
    }

    fn inspect(&mut self) -> Result<Outcome, Halt> {
        let report = self.call(|server| server.report())?;
        let flags = self.call(|server| server.flags())?;
        let history = self.call(|server| server.history())?.generations;
        let models = self.call(|server| server.models())?.models;
        Ok(Outcome::Inspected(Box::new(Inspection {
            history: setters(&flags.flags, history),
            masks: flags.masks.iter().chain(&report.masks).cloned().collect(),
            flags,
            facts: report.kb.facts,
            available_bytes: report.memory.available_bytes,
            window: report.window,
            models: models
                .into_iter()
                .map(|model| InspectedModel {
                    verified: model.state == ModelState::Verified,
                    pinned: model.pinned,
                    id: model.id,
                })
                .collect(),
        })))
    }

    pub(super) fn working(&self, what: String, done: u64, of: u64) {
        let step =
            self.run.schedule.steps.get(self.state.at).map(|step| step.name.clone()).unwrap_or_default();
        self.world.audience.hear(&Note::Working { step, what, done, of });
    }
}

/// The generations that gave each flag the rule it has now: what says who switched it.
fn setters(flags: &FlagSet, history: Vec<GenerationRecord>) -> Vec<GenerationRecord> {
    let since = |key: FlagKey| {
        let same = history.iter().rev().take_while(|record| record.flags.get(key) == flags.get(key));
        same.last().map(|record| record.generation)
    };
    let wanted = FlagKey::ALL.map(since);
    history.iter().filter(|record| wanted.contains(&Some(record.generation))).cloned().collect()
}
