//! The simulated server behind the ports.

use std::collections::BTreeMap;
use std::sync::MutexGuard;
use std::time::Duration;

use find_facts_api::admin::*;
use find_facts_api::rollout::{Command, PendingCommand, RolloutProgress};
use find_facts_core::finder::{Expansion, ExpansionMeans, LinkMeans};
use find_facts_core::health::*;
use find_facts_core::outcome::AttemptResult;
use find_facts_core::{Clock, Cohort, Direction, Fact, HealthReport, KbVersion, Link, Mode, Part, Tier};
use find_facts_rollout::ports::{
    Answer, Ask, Board, Change, FlagSink, LeaseKeeper, MetricSource, ModelControl, PortError, Probe,
    StoreControl, Timer,
};

use super::knowledge::{RELATION, means_the_relation};
use super::world::{Side, World};
use super::{Script, SimServer, Spell};

/// What an exact request takes.
const EXACT: Duration = Duration::from_micros(300);
/// By how much a busy machine is slower.
const BUSY: Duration = Duration::from_millis(50);
pub(crate) const MODELS: [&str; 5] = [
    "minilm",
    "smollm-360m-instruct",
    "smollm-1.7b-instruct",
    "openelm-1.1b-instruct",
    "smollm2-135m-instruct",
];

impl SimServer {
    /// The world, if the server can be reached now.
    fn reach(&self, call: &str) -> Result<MutexGuard<'_, World>, PortError> {
        let now = self.second();
        let mut world = self.world.lock().unwrap();
        if spelled(&world.script.unreachable, now) {
            return Err(unreachable(call));
        }
        world.count(now);
        Ok(world)
    }
}

impl SimServer {
    /// Counts a query, and dies at the one that the script names.
    fn die_at_last(&self) {
        let mut world = self.world.lock().unwrap();
        world.asked += 1;
        if world.script.dies_at_query == Some(world.asked) {
            drop(world);
            self.restart();
        }
    }
}

fn unreachable(call: &str) -> PortError {
    PortError::Unreachable { call: call.to_owned(), source: "the simulation says so".into() }
}

fn spelled(spells: &[Spell], second: f64) -> bool {
    spells.iter().any(|spell| spell.holds(second))
}

impl Timer for SimServer {
    fn sleep(&self, length: Duration) {
        self.clock.advance(length);
    }
}

impl Clock for SimServer {
    fn now(&self) -> std::time::Instant {
        self.clock.now()
    }

    fn wall(&self) -> std::time::SystemTime {
        self.clock.wall()
    }
}

impl FlagSink for SimServer {
    fn flags(&self) -> Result<FlagDocument, PortError> {
        let world = self.reach("flags")?;
        let GenerationRecord { generation, flags, tiers, .. } = world.current().clone();
        Ok(FlagDocument { generation, flags, tiers, masks: Vec::new() })
    }

    fn history(&self) -> Result<FlagHistory, PortError> {
        Ok(FlagHistory { generations: self.reach("history")?.generations.clone() })
    }

    fn change(&self, request: &ReloadRequest, key: &str) -> Result<Change, PortError> {
        let mut world = self.reach("change")?;
        let change = world.change(request, key).map_or(Change::Raced, Change::Written);
        if world.script.lost_answers > 0 {
            world.script.lost_answers -= 1;
            return Err(unreachable("change"));
        }
        Ok(change)
    }
}

impl MetricSource for SimServer {
    fn report(&self) -> Result<HealthReport, PortError> {
        let now = self.second();
        let world = self.reach("report")?;
        let lowered = spelled(&world.script.lowered, now);
        let masked = spelled(&world.script.masked, now);
        let state = match (world.params(), world.script.init_fails) {
            (None, _) => TierState::Off,
            (Some(_), true) => TierState::Failed,
            (Some(_), false) if world.is_loaded(now) => TierState::Ready,
            (Some(_), false) => TierState::Loading,
        };
        let cohort = |side: &Side| CohortReport {
            figures: Figures::default(),
            totals: side.requests.totals.clone(),
            callers: side.callers.totals.clone(),
        };
        let cohorts = [(Cohort::Canary, cohort(&world.canary)), (Cohort::Control, cohort(&world.control))];
        let tier = TierReport {
            state,
            progress: 1.0,
            status: world.script.status,
            reasons: Vec::new(),
            breaker: BreakerState::Closed,
            breaker_open_seconds: None,
            breaker_trips: 0,
            figures: Figures::default(),
            cohorts: BTreeMap::from(cohorts),
            cache: CacheReport::default(),
            quality: world.quality(),
        };
        Ok(HealthReport {
            instance: format!("start {}", world.instance),
            time_ms: 0,
            uptime_seconds: now - world.started,
            generation: world.current().generation,
            kb: KbReport { version: Some(KbVersion(1)), facts: 300, entities: 300, predicates: 1 },
            status: Status::Healthy,
            reasons: Vec::new(),
            ceiling: if lowered { Mode::Exact } else { Mode::ResearchGrade },
            masks: if masked { vec!["the file DISABLE is there".to_owned()] } else { Vec::new() },
            window: WindowSettings {
                seconds: world.script.window_seconds,
                collect_seconds: 1.0,
                assess_seconds: 1.0,
            },
            overall: Figures::default(),
            tiers: BTreeMap::from([(world.script.tier, tier)]),
            served: BTreeMap::new(),
            fallbacks: BTreeMap::new(),
            requests: Figures::default(),
            memory: MemoryReport {
                pss_bytes: (world.script.memory_bytes[0] + world.script.memory_bytes[1] * now) as u64,
                available_bytes: world.script.available_bytes,
                ..MemoryReport::default()
            },
            cpu: CpuReport::default(),
            models: Vec::new(),
            feedback: FeedbackReport::default(),
        })
    }

    fn info(&self) -> Result<ServerInfo, PortError> {
        drop(self.reach("info")?);
        Ok(ServerInfo {
            version: "simulated".to_owned(),
            monitoring: vec![MonitoringPart::Metrics, MonitoringPart::Alerts],
            store: StoreSchema { version: 1, latest: 1 },
        })
    }

    fn look_at(&self, part: MonitoringPart) -> Result<String, PortError> {
        drop(self.reach("look")?);
        Ok(format!("{part:?} is there").to_lowercase())
    }
}

impl ModelControl for SimServer {
    fn models(&self) -> Result<ModelList, PortError> {
        let now = self.second();
        let world = self.reach("models")?;
        let status = |id: &&str| {
            let there = world.script.cached || world.pulled.iter().any(|pulled| pulled == id);
            let state = match (world.script.pull_fails, world.script.pinned, there) {
                (true, _, _) => ModelState::Failed,
                (false, true, true) => ModelState::Verified,
                (false, false, true) => ModelState::Unpinned,
                (false, _, false) => ModelState::Absent,
            };
            ModelStatus {
                id: (*id).to_owned(),
                licence: "MIT".to_owned(),
                state,
                bytes: 1000,
                total_bytes: Some(1000),
                pinned: world.script.pinned,
                error: world.script.pull_fails.then(|| "the digest is another one".to_owned()),
                memory: world.in_memory.get(*id).map(|since| memory(&world.script, now - since)),
            }
        };
        Ok(ModelList { models: MODELS.iter().map(status).collect() })
    }

    fn pull(&self, id: &str, _: &str) -> Result<(), PortError> {
        self.reach("pull")?.pulled.push(id.to_owned());
        Ok(())
    }

    fn load(&self, id: &str, _: &str) -> Result<(), PortError> {
        let now = self.second();
        self.reach("load")?.in_memory.entry(id.to_owned()).or_insert(now);
        Ok(())
    }
}

fn memory(script: &Script, since: f64) -> ModelMemory {
    match (script.load_fails, since < script.loads_in) {
        (_, true) => ModelMemory::Loading,
        (true, false) => ModelMemory::Failed { reason: "the file is cut short".to_owned() },
        (false, false) => ModelMemory::Loaded { bytes: 412_000_000, load_ms: 2000.0 },
    }
}

impl StoreControl for SimServer {
    fn migrate(&self, _: &str) -> Result<StoreSchema, PortError> {
        drop(self.reach("migrate")?);
        Ok(StoreSchema { version: 1, latest: 1 })
    }

    fn sample(&self, seed: u64, n: usize) -> Result<KbSample, PortError> {
        drop(self.reach("sample")?);
        let mut entities = self.knowledge.entities.clone();
        find_facts_analysis::Seeded::new(seed).shuffle(&mut entities);
        entities.truncate(n);
        Ok(KbSample { version: KbVersion(1), entities })
    }
}

impl Probe for SimServer {
    fn ask(&self, ask: &Ask) -> Result<Answer, PortError> {
        self.die_at_last();
        let now = self.second();
        let mut world = self.reach("ask")?;
        let mut answer = self.answered(ask, &world, now);
        let exposed = world.exposed();
        if world.script.busy_from.is_some_and(|from| exposed >= from) {
            answer.elapsed += BUSY;
        }
        let rate =
            world.script.failing_asks.filter(|(from, _)| exposed >= *from).map_or(0.0, |(_, rate)| rate);
        if !answer.attempts.is_empty() {
            world.failing += rate;
            if world.failing >= 1.0 {
                world.failing -= 1.0;
                answer.attempts[0].result = AttemptResult::Error;
            }
        }
        Ok(answer)
    }
}

impl SimServer {
    fn answered(&self, ask: &Ask, world: &World, now: f64) -> Answer {
        if world.script.tier == Tier::Tier2 {
            return self.semantic(ask, world, now);
        }
        let mention = ask.parts.subject.as_deref().or(ask.parts.object.as_deref()).unwrap_or_default();
        let exact = self.knowledge.exact(mention, &ask.without);
        let enhanced = ask.mode.is_some_and(|mode| mode > Mode::Exact) && world.is_loaded(now);
        if !enhanced || !exact.is_empty() {
            return answer(exact, Vec::new(), EXACT);
        }
        let took = EXACT + Duration::from_micros(world.script.added_us);
        let town = self.knowledge.link(mention, &ask.without).filter(|_| !world.script.blind_linker);
        let Some(town) = town else { return by(Tier::Tier1, answer(Vec::new(), Vec::new(), took)) };
        let link = Link {
            part: Part::Subject,
            given: mention.into(),
            entity: town.name.clone(),
            confidence: 0.9,
            by: LinkMeans::Edit,
        };
        by(Tier::Tier1, answer(town.facts.clone(), vec![link], took))
    }

    /// As Tier 2 answers: names exactly as they are, wordings of the one relation there is.
    fn semantic(&self, ask: &Ask, world: &World, now: f64) -> Answer {
        let took = EXACT + Duration::from_micros(world.script.added_us);
        let enhanced = ask.mode.is_some_and(|mode| mode > Mode::EntityLinked) && world.is_loaded(now);
        let asked = ask.text.as_deref().or(ask.parts.predicate.as_deref()).unwrap_or_default();
        let is_exact = ask.text.is_none() && asked == RELATION;
        let name = match &ask.text {
            Some(text) => self.knowledge.named_in(text),
            None => ask.parts.subject.clone(),
        };
        let facts = name.map(|name| self.knowledge.exact(&name, &ask.without)).unwrap_or_default();
        if is_exact {
            return answer(facts, Vec::new(), EXACT);
        }
        if !enhanced || world.script.blind_linker || !means_the_relation(asked) {
            let nothing = answer(Vec::new(), Vec::new(), if enhanced { took } else { EXACT });
            return if enhanced { by(Tier::Tier2, nothing) } else { nothing };
        }
        let expansion = Expansion {
            given: asked.into(),
            predicate: RELATION.into(),
            direction: Direction::Forward,
            confidence: 0.9,
            by: ExpansionMeans::Embedding,
        };
        by(Tier::Tier2, Answer { expanded: vec![expansion], ..answer(facts, Vec::new(), took) })
    }
}

fn answer(facts: Vec<Fact>, linked: Vec<Link>, took: Duration) -> Answer {
    let digest = format!("{facts:?}");
    let (expanded, attempts) = (Vec::new(), Vec::new());
    Answer { facts, linked, expanded, digest, elapsed: took, at_server: Some(took), attempts }
}

/// The answer of a tier that ran.
fn by(tier: Tier, answer: Answer) -> Answer {
    Answer { attempts: vec![TierAttempt { tier, result: AttemptResult::Ok }], ..answer }
}

impl LeaseKeeper for SimServer {
    fn hold(&self, request: &LeaseRequest) -> Result<Lease, PortError> {
        let now = self.second();
        let mut world = self.reach("lease")?;
        let other = world.lease.as_ref().filter(|lease| lease.run != request.run);
        if let Some(lease) = other.filter(|lease| lease.expires_ms as f64 > now * 1e3) {
            return Err(PortError::LeaseHeld(lease.clone()));
        }
        let expires_ms = ((now + request.ttl_seconds) * 1e3) as u64;
        let lease = Lease { run: request.run.clone(), holder: request.holder.clone(), expires_ms };
        world.lease = (request.ttl_seconds > 0.0).then(|| lease.clone());
        Ok(lease)
    }
}

impl Board for SimServer {
    fn show(&self, progress: &RolloutProgress, acknowledge: u64) -> Result<(), PortError> {
        let mut world = self.reach("show")?;
        world.shown.push(progress.clone());
        world.commands.retain(|pending| pending.id > acknowledge);
        Ok(())
    }

    fn commands(&self) -> Result<Vec<PendingCommand>, PortError> {
        Ok(self.reach("commands")?.commands.clone())
    }

    fn order(&self, command: Command, by: &str) -> Result<(), PortError> {
        let mut world = self.reach("order")?;
        world.ordered += 1;
        let run = world.lease.as_ref().map(|lease| lease.run.clone()).unwrap_or_default();
        let pending = PendingCommand { id: world.ordered, command, run, by: by.to_owned() };
        world.commands.push(pending);
        Ok(())
    }
}
