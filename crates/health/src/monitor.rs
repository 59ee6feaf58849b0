//! Health's ear and voice: listens to every outcome, says who may run, and at given moments what has become of it all.
//! A plain exact request takes one short lock and allocates nothing; a request asks for a tier without any lock as long as
//! no gate is shut.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use find_facts_core::outcome::FallbackReason;
use find_facts_core::{Clock, Cohort, HealthReport, Mode, Outcome, OutcomeSink, Tier};

use crate::alerts::{Alert, Alerts};
use crate::gate::Admission;
use crate::report::{self, Moment, ReportParts, RequestCounts};
use crate::series::{Sample, Series};
use crate::settings::Settings;
use crate::tiers::{Event, Tiers};

/// Watches the outcomes of one server.
pub struct Monitor {
    settings: Mutex<Settings>,
    clock: Arc<dyn Clock>,
    started: Instant,
    /// Where both locks are held, this one is taken last.
    requests: Mutex<Requests>,
    tiers: Mutex<Tiers>,
    alerts: Mutex<Alerts>,
    /// Number of the lowest tier whose gate is shut; all gates are open at `Tier::ALL.len()`.
    lowest_shut: AtomicUsize,
    on_event: Box<dyn Fn() + Send + Sync>,
}

/// What is kept about all requests, whether or not a tier ran.
struct Requests {
    window: Series,
    served: BTreeMap<Mode, u64>,
    fallbacks: BTreeMap<FallbackReason, u64>,
}

/// What an assessment has to tell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Assessment {
    /// What changed since the last one, in order.
    pub events: Vec<Event>,
    /// Troubles that are new, have changed their severity or are over.
    pub alerts: Vec<Alert>,
}

impl Monitor {
    /// A monitor that has seen nothing. `on_event` is called on a request's thread when a breaker opens or a tier has
    /// recovered: it returns at once, and has somebody call [`Monitor::assess`].
    pub fn new(
        settings: Settings,
        clock: Arc<dyn Clock>,
        on_event: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let started = clock.now();
        let requests = Requests {
            window: Series::new(settings.window, started),
            served: Mode::ALL.into_iter().map(|mode| (mode, 0)).collect(),
            fallbacks: BTreeMap::new(),
        };
        Self {
            settings: Mutex::new(settings),
            clock,
            started,
            requests: Mutex::new(requests),
            tiers: Mutex::new(Tiers::new(settings.window, started)),
            alerts: Mutex::default(),
            lowest_shut: AtomicUsize::new(Tier::ALL.len()),
            on_event: Box::new(on_event),
        }
    }

    /// Whether a request may run this tier now. A request asks for the tier that its flags give it, and when turned away
    /// for the one below: that is how a lowered tier gets its probes.
    pub fn admit(&self, tier: Tier, now: Instant) -> Admission {
        if (tier as usize) < self.lowest_shut.load(Ordering::Acquire) {
            return Admission::Run;
        }
        lock(&self.tiers).admit(tier, now)
    }

    /// The highest mode that health allows to more than probes.
    pub fn ceiling(&self) -> Mode {
        match Tier::ALL.get(self.lowest_shut.load(Ordering::Acquire)) {
            None => Mode::ResearchGrade,
            Some(shut) => shut.below().map_or(Mode::Exact, Tier::mode),
        }
    }

    /// A tier that is switched on again starts anew: what its windows, its breaker and its status held is of the time
    /// before, and would have it switched off again at the next check. Its totals go on.
    pub fn start_anew(&self, tier: Tier, now: Instant) {
        let mut tiers = lock(&self.tiers);
        tiers.start_anew(tier, now);
        self.publish(&tiers);
        lock(&self.requests).window.restart(now);
    }

    /// Takes up other intervals and limits. The window keeps its length: its figures are of that length.
    pub fn configure(&self, settings: Settings) {
        let mut current = lock(&self.settings);
        *current = Settings { window: current.window, ..settings };
    }

    /// Judges the window, lowers what has to be lowered, and tells what is new since the last time.
    pub fn assess(&self, now: Instant) -> Assessment {
        let limits = &lock(&self.settings).limits.clone();
        let requests = lock(&self.requests).window.figures(now);
        let mut tiers = lock(&self.tiers);
        let basis = tiers.basis(now, requests);
        let found = tiers.findings(now, &basis, limits);
        tiers.lower(now, &basis, limits, &found);
        self.publish(&tiers);
        let events = std::mem::take(&mut tiers.events);
        drop(tiers);
        let alerts = lock(&self.alerts).update(&found, unix_ms(self.clock.wall()));
        Assessment { events, alerts }
    }

    /// The report as of now, from what health knows and what the server knows.
    pub fn report(&self, parts: ReportParts) -> HealthReport {
        let now = self.clock.now();
        let requests = lock(&self.requests).counts(now);
        let moment = Moment {
            now,
            time_ms: unix_ms(self.clock.wall()),
            uptime: now.saturating_duration_since(self.started),
            ceiling: self.ceiling(),
            settings: &lock(&self.settings).clone(),
            requests,
            tiers: &lock(&self.tiers),
        };
        report::assemble(moment, parts)
    }

    fn publish(&self, tiers: &Tiers) {
        let lowest = tiers.lowest_shut().map_or(Tier::ALL.len(), |tier| tier as usize);
        self.lowest_shut.store(lowest, Ordering::Release);
    }
}

impl OutcomeSink for Monitor {
    fn record(&self, outcome: &Outcome) {
        if outcome.cohort == Cohort::Operator {
            return;
        }
        let now = self.clock.now();
        let request = Sample::of_request(outcome, now);
        lock(&self.requests).record(outcome, request);
        if outcome.attempts.is_empty() && outcome.cohort != Cohort::Control {
            return;
        }
        let mut tiers = lock(&self.tiers);
        let events = tiers.record(outcome, request);
        if events.is_empty() {
            return;
        }
        let has_recovered = events.iter().any(|event| !matches!(event, Event::BreakerOpened { .. }));
        self.publish(&tiers);
        if has_recovered {
            lock(&self.requests).window.restart(now);
        }
        drop(tiers);
        (self.on_event)();
    }
}

impl Requests {
    fn record(&mut self, outcome: &Outcome, request: Sample) {
        self.window.record(request);
        *self.served.entry(outcome.mode_served).or_default() += 1;
        if let Some(reason) = outcome.fallback {
            *self.fallbacks.entry(reason).or_default() += 1;
        }
    }

    fn counts(&self, now: Instant) -> RequestCounts {
        RequestCounts {
            figures: self.window.figures(now),
            served: self.served.clone(),
            fallbacks: self.fallbacks.clone(),
        }
    }
}

/// The lock, also after a panic elsewhere: counts are at worst one short.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A calendar before 1970 is a broken one; it counts as 1970.
fn unix_ms(wall: SystemTime) -> u64 {
    let since = wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
