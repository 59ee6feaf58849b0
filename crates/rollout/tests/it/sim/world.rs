//! The simulated server's state, and how time changes it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use find_facts_api::admin::{FlagsWritten, GenerationRecord, Lease, ReloadRequest, TierParams};
use find_facts_api::rollout::{PendingCommand, RolloutProgress};
use find_facts_core::health::{GoldenReport, GoldenTotals, QualityReport, Totals};
use find_facts_core::{Clock, FlagKey, FlagSet, FlagState, Generation, Percent, Tier};
use find_facts_testkit::VirtualClock;

use super::{Knowledge, Script, Spell, Wrong};

/// Seconds from a restart until the tier is ready: with the restart itself less than the scaled plan may see nothing.
const LOADS: f64 = 1.0;

/// What is counted on one side of a comparison.
#[derive(Default)]
pub(crate) struct Side {
    pub(crate) requests: Counted,
    /// Each caller once in a generation: as long as there are new ones, every request is one's first.
    pub(crate) callers: Counted,
}

impl Side {
    fn count(&mut self, expected: f64, failing: f64, latency_us: u64, callers: f64) {
        self.requests.count(expected, failing, latency_us);
        let left = callers - self.callers.totals.attempts as f64;
        self.callers.count(expected.min(left).max(0.0), failing, latency_us);
    }
}

/// Totals of whole events; what is left of an expected number is kept for the next time.
#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) totals: Totals,
    left: [f64; 2],
}

impl Counted {
    fn count(&mut self, expected: f64, failing: f64, latency_us: u64) {
        let attempts = self.whole(0, expected);
        self.totals.errors += self.whole(1, attempts as f64 * failing);
        self.totals.attempts += attempts;
        if attempts > 0 {
            match self.totals.latency_us.iter_mut().find(|[known, _]| *known == latency_us) {
                Some([_, count]) => *count += attempts,
                None => self.totals.latency_us.push([latency_us, attempts]),
            }
        }
    }

    fn whole(&mut self, which: usize, expected: f64) -> u64 {
        self.left[which] += expected;
        let whole = self.left[which].floor();
        self.left[which] -= whole;
        whole as u64
    }
}

/// What survives a restart of the server, and what does not.
pub(crate) struct World {
    pub(crate) script: Script,
    // Stored.
    pub(crate) generations: Vec<GenerationRecord>,
    pub(crate) unchanged_keys: BTreeMap<String, FlagsWritten>,
    pub(crate) lease: Option<Lease>,
    pub(crate) commands: Vec<PendingCommand>,
    pub(crate) ordered: u64,
    pub(crate) pulled: Vec<String>,
    /// In memory, since when; gone with a restart.
    pub(crate) in_memory: BTreeMap<String, f64>,
    pub(crate) shown: Vec<RolloutProgress>,
    pub(crate) asked: u32,
    /// What is left of a failure that is due among the operator's requests.
    pub(crate) failing: f64,
    // Of this start only.
    pub(crate) instance: u32,
    pub(crate) started: f64,
    pub(crate) counted_until: f64,
    pub(crate) canary: Side,
    pub(crate) control: Side,
    pub(crate) golden: Counted,
    pub(crate) meddled: bool,
}

/// A simulated server. Clones are the same server.
#[derive(Clone)]
pub(crate) struct SimServer {
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) knowledge: Arc<Knowledge>,
}

impl SimServer {
    pub(crate) fn new(clock: Arc<VirtualClock>, knowledge: Arc<Knowledge>, script: Script) -> Self {
        let moving = script.tier;
        let below = Tier::ALL.into_iter().filter(move |tier| *tier < moving);
        let everybody = FlagState { enabled: true, percentage: Percent::HUNDRED, segments: Vec::new() };
        let mut flags = FlagSet::all_off();
        flags.0.extend(below.clone().map(|tier| (tier.flag(), everybody.clone())));
        let world = World {
            script,
            generations: vec![GenerationRecord {
                generation: Generation(1),
                flags,
                tiers: below.map(|tier| (tier, TierParams::default())).collect(),
                by: "configuration".to_owned(),
                reason: "first start".to_owned(),
                time_ms: 0,
                idempotency_key: None,
            }],
            unchanged_keys: BTreeMap::new(),
            lease: None,
            commands: Vec::new(),
            ordered: 0,
            pulled: Vec::new(),
            in_memory: BTreeMap::new(),
            shown: Vec::new(),
            asked: 0,
            failing: 0.0,
            instance: 1,
            started: 0.0,
            counted_until: 0.0,
            canary: Side::default(),
            control: Side::default(),
            golden: Counted::default(),
            meddled: false,
        };
        Self { world: Arc::new(Mutex::new(world)), clock, knowledge }
    }

    /// Seconds since the simulation began.
    pub(crate) fn second(&self) -> f64 {
        let since_epoch = self.clock.wall().duration_since(std::time::UNIX_EPOCH).unwrap();
        (since_epoch - VirtualClock::START).as_secs_f64()
    }

    /// Killed and started again two seconds later: what was stored is there, counts begin anew.
    pub(crate) fn restart(&self) {
        let now = self.second();
        let mut world = self.world.lock().unwrap();
        let back = now + 2.0;
        world.script.unreachable.push(Spell { from: now, to: back });
        world.instance += 1;
        world.started = back;
        world.counted_until = back;
        world.canary = Side::default();
        world.control = Side::default();
        world.golden = Counted::default();
        world.in_memory.clear();
    }

    /// Changes the flags as somebody else.
    pub(crate) fn meddle(&self, by: &str, key: FlagKey, state: FlagState) {
        self.world.lock().unwrap().store_flag(by, key, state);
    }

    /// The stored generations as a comparison sees them: everything but the time.
    pub(crate) fn flag_history(&self) -> Vec<GenerationRecord> {
        let world = self.world.lock().unwrap();
        world.generations.iter().map(|record| GenerationRecord { time_ms: 0, ..record.clone() }).collect()
    }
}

impl World {
    pub(crate) fn current(&self) -> &GenerationRecord {
        self.generations.last().unwrap()
    }

    pub(crate) fn params(&self) -> Option<&TierParams> {
        self.current().tiers.get(&self.script.tier)
    }

    /// A restarted server has its tier only after a while.
    pub(crate) fn is_loaded(&self, now: f64) -> bool {
        self.params().is_some() && (self.instance == 1 || now >= self.started + LOADS)
    }

    /// What golden probes have found.
    pub(crate) fn quality(&self) -> QualityReport {
        let Totals { attempts: answered, errors: wrong, .. } = self.golden.totals;
        let totals = GoldenTotals { answered, right: answered - wrong };
        let right_rate = (answered >= 20).then_some(1.0 - self.wrong(self.counted_until));
        let golden = GoldenReport { totals, right_rate, ..GoldenReport::default() };
        QualityReport { golden, ..QualityReport::default() }
    }

    /// The share of golden probes that are answered wrong.
    fn wrong(&self, now: f64) -> f64 {
        let struck = |wrong: &Wrong| self.exposed() >= wrong.from && now >= wrong.after;
        self.script.wrong.filter(struck).map_or(0.0, |wrong| wrong.share)
    }

    pub(crate) fn exposed(&self) -> f64 {
        let rule = self.current().flags.get(self.script.tier.flag()).cloned().unwrap_or_default();
        if rule.enabled { rule.percentage.into() } else { 0.0 }
    }

    /// Counts attempts up to now, at the exposure of now: it is called before every change.
    pub(crate) fn count(&mut self, now: f64) {
        let passed = (now - self.counted_until).max(0.0);
        self.counted_until = now;
        let share = self.exposed() / 100.0;
        let rate = match self.script.failing {
            Some((from, rate)) if self.exposed() >= from => rate,
            _ => 0.0,
        };
        let requests = passed * self.script.per_second;
        let controlled = share.min(1.0 - share);
        self.canary.count(requests * share, rate, self.script.latency_us, self.script.callers * share);
        self.control.count(
            requests * controlled,
            self.script.control_failing,
            300,
            self.script.callers * controlled,
        );
        let wrong = self.wrong(now);
        let probes = if self.is_loaded(now) { passed * self.script.probes_a_second } else { 0.0 };
        self.golden.count(probes, wrong, self.script.latency_us);
        self.act_by_itself();
    }

    fn act_by_itself(&mut self) {
        if self
            .script
            .rolls_back_at
            .is_some_and(|at| self.exposed() >= at && self.canary.requests.totals.attempts > 50)
        {
            self.store_flag("rollback", self.script.tier.flag(), FlagState::default());
        }
        if !self.meddled && self.script.meddles_at.is_some_and(|at| self.exposed() >= at) {
            self.meddled = true;
            let percentage = Percent::try_from(1.0).unwrap();
            let state = FlagState { enabled: true, percentage, segments: Vec::new() };
            self.store_flag("operator", FlagKey::Tier3ResearchGrade, state);
        }
    }

    fn store_flag(&mut self, by: &str, key: FlagKey, state: FlagState) {
        let mut next = self.current().clone();
        next.flags.0.insert(key, state);
        self.store(GenerationRecord {
            by: by.to_owned(),
            reason: "a test".to_owned(),
            idempotency_key: None,
            ..next
        });
    }

    fn store(&mut self, record: GenerationRecord) -> Generation {
        let generation = self.current().generation.next();
        self.canary.callers = Counted::default();
        self.control.callers = Counted::default();
        self.generations.push(GenerationRecord { generation, ..record });
        generation
    }

    /// Applies a change, once for each key; `None` where the generation is not the expected one.
    pub(crate) fn change(&mut self, request: &ReloadRequest, key: &str) -> Option<FlagsWritten> {
        let known = self.generations.iter().find(|record| record.idempotency_key.as_deref() == Some(key));
        if let Some(record) = known {
            return Some(FlagsWritten { generation: record.generation, changed: false });
        }
        if let Some(written) = self.unchanged_keys.get(key) {
            return Some(written.clone());
        }
        if request.expect_generation != self.current().generation {
            return None;
        }
        let mut next = self.current().clone();
        next.flags.0.extend(request.flags.clone().unwrap_or_default().0);
        for (tier, params) in request.tiers.clone().unwrap_or_default() {
            match params {
                Some(params) => next.tiers.insert(tier, params),
                None => next.tiers.remove(&tier),
            };
        }
        let same = next.flags == self.current().flags && next.tiers == self.current().tiers;
        if same {
            let written = FlagsWritten { generation: self.current().generation, changed: false };
            self.unchanged_keys.insert(key.to_owned(), written.clone());
            return Some(written);
        }
        let run = key.split('/').next().unwrap_or_default();
        let record = GenerationRecord {
            by: format!("run {run}"),
            reason: String::new(),
            idempotency_key: Some(key.to_owned()),
            ..next
        };
        Some(FlagsWritten { generation: self.store(record), changed: true })
    }
}
