//! The thread that keeps an eye on everything: measures, assesses, rolls back, looks for the red button. Nothing it does is
//! on a request's way.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use find_facts_api::admin::EventKind;
use find_facts_core::rollback::Severity;
use find_facts_core::{HealthReport, RollbackAction, RollbackPolicy};
use find_facts_health::{Alert, Event};
use find_facts_rollback::{Rules, Thresholds};
use serde_json::json;

use crate::app::App;
use crate::config::RollbackConfig;
use crate::control::{Changed, RollbackCause};
use crate::http::chain;
use crate::machine::Meters;

/// The red button is seen within a second; a look at a file name costs microseconds.
const LOOK: Duration = Duration::from_millis(250);

/// Something that is done again and again.
struct Every {
    interval: Duration,
    next: Instant,
}

impl Every {
    /// From now on.
    fn new(interval: Duration, now: Instant) -> Self {
        Self { interval, next: now }
    }

    /// Takes up another interval, from the time it was due last.
    fn follow(&mut self, interval: Duration) {
        self.next = self.next + interval - self.interval;
        self.interval = interval;
    }

    /// Whether it is time; if so, sets the next one. What was missed is not made up for.
    fn is_due(&mut self, now: Instant) -> bool {
        let is_due = now >= self.next;
        if is_due {
            self.next = now + self.interval;
        }
        is_due
    }
}

/// Runs until the server stops. A message means that a breaker has opened, or a tier recovered.
pub(crate) fn run(app: &App, events: &Receiver<()>) {
    let clock = Instant::now;
    let config = Arc::clone(&app.control.live().config);
    let mut meters = Meters::new(clock());
    let mut collect = Every::new(config.health.collect, clock());
    let mut assess = Every::new(config.health.assess, clock());
    let mut rollback = Rollback::new(&config.rollback, clock());
    let mut woken = false;
    while !app.stop.is_cancelled() {
        let now = clock();
        look(app);
        let config = Arc::clone(&app.control.live().config);
        collect.follow(config.health.collect);
        assess.follow(config.health.assess);
        rollback.follow(&config.rollback, now);
        let check = rollback.every.is_due(now) || woken;
        // A check judges memory as it is, not as it was half a minute ago.
        if collect.is_due(now) || check {
            app.machine.store(Arc::new(meters.read(app.languages.memory(), now)));
        }
        if assess.is_due(now) || woken {
            tell(app, now);
        }
        if check {
            rollback.check(app);
        }
        woken = match events.recv_timeout(LOOK) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => return,
        };
    }
}

/// The red button, and a lease that has lapsed.
fn look(app: &App) {
    if app.control.look_for_disable_file() {
        let masks = app.control.live().evaluator.masks();
        tracing::warn!(masks = masks.join("; "), "the file `DISABLE` has come or gone");
        let outcome = if app.control.live().disabled { "came: every tier is off" } else { "is gone" };
        app.control.note("operator".to_owned(), "the file `DISABLE`".to_owned(), None, outcome.to_owned());
    }
    if let Err(error) = app.control.drop_lapsed_lease() {
        tracing::error!(error = chain(&error), "a lapsed lease could not be dropped");
    }
}

/// Has health judge the window, and tells what is new.
fn tell(app: &App, now: Instant) {
    let assessment = app.monitor.assess(now);
    for event in assessment.events {
        let kind = match event {
            Event::BreakerOpened { tier, reason } => EventKind::BreakerOpened { tier, reason },
            Event::BreakerClosed { tier } => EventKind::BreakerClosed { tier },
            Event::Lowered { tier, status, reason } => {
                tracing::warn!(%tier, ?status, reason, "health has lowered a tier");
                continue;
            }
            Event::Raised { tier } => {
                tracing::info!(%tier, "health has raised a tier again");
                continue;
            }
        };
        app.control.announce(kind);
    }
    assessment.alerts.iter().for_each(log);
}

fn log(alert: &Alert) {
    let Alert { name, tier, severity, reason, resolved_ms, .. } = alert;
    let tier = tier.map_or("all", |tier| tier.name());
    match severity {
        _ if resolved_ms.is_some() => tracing::info!(target: "alert", ?name, tier, reason, "resolved"),
        Severity::Warning => tracing::warn!(target: "alert", ?name, tier, reason, "warning"),
        Severity::Critical => tracing::error!(target: "alert", ?name, tier, reason, "critical"),
    }
}

/// The rules, and when they are checked.
struct Rollback {
    config: RollbackConfig,
    rules: Rules,
    every: Every,
}

impl Rollback {
    fn new(config: &RollbackConfig, now: Instant) -> Self {
        let rules = Rules::new(thresholds(config));
        Self { config: config.clone(), rules, every: Every::new(config.check, now) }
    }

    /// Takes up a changed configuration.
    fn follow(&mut self, config: &RollbackConfig, now: Instant) {
        if self.config != *config {
            *self = Self::new(config, now);
        }
    }

    fn check(&mut self, app: &App) {
        let report = app.report();
        for action in self.rules.assess(&report) {
            let severity = action.severity;
            let reason = action.reason.clone();
            match app.control.roll_back(cause(action, &report)) {
                Ok(Changed::New(generation)) => {
                    tracing::error!(target: "alert", ?severity, %generation, reason, "rolled back");
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(error = chain(&error), reason, "a rollback could not be stored")
                }
            }
        }
    }
}

fn thresholds(config: &RollbackConfig) -> Thresholds {
    Thresholds {
        error_rate: config.error_rate,
        breaker_open: config.breaker_open,
        breaker_trips: config.breaker_trips,
        p95: config.p95,
        memory_bytes: (config.memory_gb * 1e9).round() as u64,
    }
}

/// The action with the figures that asked for it.
fn cause(action: RollbackAction, report: &HealthReport) -> RollbackCause {
    let of_tier = action.tier.and_then(|tier| report.tiers.get(&tier));
    let figures = json!({
        "tier": action.tier,
        "figure": action.figure,
        "limit": action.limit,
        "overall": report.overall,
        "tier_figures": of_tier.map(|tier| tier.figures),
        "pss_bytes": report.memory.pss_bytes,
    });
    RollbackCause {
        rule: action.rule,
        disable: action.disable,
        reason: action.reason,
        severity: action.severity,
        figures,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_is_done_once_and_not_made_up_for() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut every = Every::new(Duration::from_secs(10), start);
        let due: Vec<u64> =
            [0, 1, 9, 10, 19, 20, 55, 56, 65].into_iter().filter(|&s| every.is_due(at(s))).collect();
        assert_eq!(due, [0, 10, 20, 55, 65]);
    }
}
