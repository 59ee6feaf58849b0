//! What goes on beside the acts: the lease, an operator's commands, the server's view of the run, and waiting.

use std::time::{Duration, UNIX_EPOCH};

use find_facts_api::admin::{GenerationRecord, LeaseRequest};
use find_facts_api::rollout::{RolloutProgress, RunStatus};

use super::call::{Halt, chain};
use super::{DriveError, Driver, Order};
use crate::end::End;
use crate::journal::Opened;
use crate::plan::ExposurePlan;
use crate::ports::PortError;
use crate::schedule::millis;
use crate::state::Stage;
use crate::watch::{Look, Seen, verdict};

/// How long an operator's command may lie before it is seen.
pub(super) const ORDERS_EVERY: Duration = Duration::from_secs(2);
/// So often a long act looks up from its work: often enough for people, too rarely to disturb what it measures.
const BREATH_EVERY: Duration = Duration::from_secs(1);
/// For how long the first call is tried, and the last: a wrong address shows itself at once, a restarting server within seconds.
const FIRST_PATIENCE: Duration = Duration::from_secs(15);

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    /// The time has passed.
    Over,
    /// A command has arrived.
    Ordered,
}

impl Driver<'_> {
    /// Takes the lease, or takes it over from an earlier process of this run.
    pub(super) fn take_lease(&mut self) -> Result<(), DriveError> {
        let request = self.lease_request(self.run.schedule.plan.lease().ttl);
        self.reach(FIRST_PATIENCE, |server| server.hold(&request))?.map_err(DriveError::Refused)?;
        self.renewed = Some(self.world.timer.now());
        Ok(())
    }

    /// Shows the end and gives the lease back: what the run leaves behind stays without it. Doing it again changes nothing.
    pub(super) fn hand_over(&mut self, end: End) -> Result<End, DriveError> {
        let (progress, acknowledged) = (self.progress(), self.state.acknowledged);
        // An end that nobody could be told is an end all the same; the lease then runs out by itself.
        if let Ok(Ok(())) = self.reach(FIRST_PATIENCE, |server| server.show(&progress, acknowledged)) {
            let request = self.lease_request(Duration::ZERO);
            let _ = self.reach(FIRST_PATIENCE, |server| server.hold(&request));
        }
        Ok(end)
    }

    fn lease_request(&self, ttl: Duration) -> LeaseRequest {
        let Opened { run, holder, .. } = self.run.opened;
        LeaseRequest { run: run.clone(), holder: holder.clone(), ttl_seconds: ttl.as_secs_f64() }
    }

    /// Renews the lease when it is time, and fetches commands.
    fn upkeep(&mut self) -> Result<(), DriveError> {
        if self.world.interrupted.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(DriveError::Interrupted);
        }
        let lease = self.run.schedule.plan.lease();
        let now = self.world.timer.now();
        if self.renewed.is_none_or(|renewed| now.saturating_duration_since(renewed) >= lease.renew_every) {
            match self.world.server.hold(&self.lease_request(lease.ttl)) {
                Ok(_) => self.renewed = Some(now),
                Err(PortError::LeaseHeld(other)) => return Err(DriveError::LeaseHeld(other)),
                // Tried again at the next occasion; the figures say by themselves when the server is gone.
                Err(_) => {}
            }
        }
        self.fetch_orders();
        Ok(())
    }

    fn fetch_orders(&mut self) {
        let Ok(commands) = self.world.server.commands() else { return };
        let known = self.orders.iter().filter_map(|order| order.id).max().unwrap_or(0);
        let seen = known.max(self.state.acknowledged);
        let new =
            commands.into_iter().filter(|pending| pending.id > seen && pending.run == self.run.opened.run);
        self.orders.extend(new.map(|pending| Order {
            id: Some(pending.id),
            command: pending.command,
            by: pending.by,
        }));
    }

    /// Between two pieces of a long act: the lease is kept, and a command interrupts.
    pub(super) fn breathe(&mut self) -> Result<(), Halt> {
        let now = self.world.timer.now();
        if self.breathed.is_none_or(|before| now.saturating_duration_since(before) >= BREATH_EVERY) {
            self.breathed = Some(now);
            self.upkeep()?;
        }
        if self.orders.is_empty() { Ok(()) } else { Err(Halt::Ordered) }
    }

    /// Waits, and wakes up early for a command.
    pub(super) fn wait(&mut self, length: Duration) -> Result<Waited, DriveError> {
        let until = self.world.timer.now() + length;
        loop {
            self.upkeep()?;
            if !self.orders.is_empty() {
                return Ok(Waited::Ordered);
            }
            let left = until.saturating_duration_since(self.world.timer.now());
            if left.is_zero() {
                return Ok(Waited::Over);
            }
            self.world.timer.sleep(left.min(ORDERS_EVERY));
        }
    }

    /// Waits without looking for commands: between repetitions of a call.
    pub(super) fn rest(&mut self, length: Duration) -> Result<(), DriveError> {
        let until = self.world.timer.now() + length;
        loop {
            if self.world.interrupted.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(DriveError::Interrupted);
            }
            let left = until.saturating_duration_since(self.world.timer.now());
            if left.is_zero() {
                return Ok(());
            }
            self.world.timer.sleep(left.min(ORDERS_EVERY));
        }
    }

    /// Looks at the figures once. A server out of reach is a look that saw nothing.
    pub(super) fn take_a_look(&mut self) -> Result<Look, DriveError> {
        let now = self.world.timer.now();
        let elapsed_ms = self.looked.map_or(0, |before| millis(now.saturating_duration_since(before)));
        self.looked = Some(now);
        Ok(match self.figures(elapsed_ms) {
            Ok(seen) => Look::Seen(Box::new(Seen { paired: self.shadow()?, ..seen })),
            Err(PortError::LeaseHeld(lease)) => return Err(DriveError::LeaseHeld(lease)),
            Err(error) => Look::Blind { reason: chain(&error), elapsed_ms },
        })
    }

    fn figures(&self, elapsed_ms: u64) -> Result<Seen, PortError> {
        let report = self.world.server.report()?;
        let since = match report.generation {
            same if same == self.state.generation => Vec::new(),
            _ => self.since(self.state.generation)?,
        };
        let tier = self.run.schedule.tier().unwrap_or(find_facts_core::Tier::Tier1);
        Ok(Seen::of(&report, tier, since, elapsed_ms))
    }

    /// Generations stored after one.
    pub(super) fn since(
        &self,
        known: find_facts_core::Generation,
    ) -> Result<Vec<GenerationRecord>, PortError> {
        let mut records = self.world.server.history()?.generations;
        records.retain(|record| record.generation > known);
        Ok(records)
    }

    /// Shows the server how the run stands. For people only, so a failure is of no consequence.
    pub(super) fn show(&self) {
        let _ = self.world.server.show(&self.progress(), self.state.acknowledged);
    }

    fn progress(&self) -> RolloutProgress {
        let schedule = self.run.schedule;
        let since_epoch = self.world.timer.wall().duration_since(UNIX_EPOCH).unwrap_or_default();
        let watched = self.watched();
        RolloutProgress {
            run: self.run.opened.run.clone(),
            plan: schedule.plan.name().to_owned(),
            phase: schedule.plan.phase(),
            tier: schedule.tier(),
            step: schedule.steps.get(self.state.at).map(|step| step.name.clone()).unwrap_or_default(),
            status: self.status(),
            percentage: self.state.exposed,
            observed_seconds: watched.as_ref().map(|(observed, _)| *observed),
            verdict: watched.map(|(_, verdict)| verdict),
            time_scale: schedule.scale.into(),
            time_ms: millis(since_epoch),
        }
    }

    fn status(&self) -> RunStatus {
        match &self.state.stage {
            Stage::Ended(end) => end.status(),
            _ if self.state.paused => RunStatus::Paused,
            _ => RunStatus::Running,
        }
    }

    fn watched(&self) -> Option<([f64; 2], String)> {
        let Stage::Watching(watch) = &self.state.stage else { return None };
        let plan = self.run.schedule.tier_plan()?;
        let exposure: &ExposurePlan = plan.exposure.get(watch.exposure)?;
        let window = self.run.schedule.scale.window(exposure.watch).as_secs_f64();
        let observed = (watch.observed_ms as f64 / 1e3).min(window);
        Some(([observed, window], verdict(watch, exposure, plan).to_string()))
    }
}
