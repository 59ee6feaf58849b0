//! A service over the frozen knowledge base, with tiers that do what they are told and time that passes when it is told to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use find_facts_core::flags::FlagDecision;
use find_facts_core::health::{CpuReport, FeedbackReport, HealthReport, KbReport, MemoryReport};
use find_facts_core::{
    Caller, Clock, Cohort, Deadline, Fact, FactFinder, FactStore, FindQuery, FinderAnswer, FinderError,
    FlagEvaluator, Generation, Link, LinkMeans, Mode, Part, RankedFact, StoreError, Tier,
};
use find_facts_health::{Monitor, ReportParts, Settings};
use find_facts_service::{Answer, Asker, FindFactsRequest, FindFactsService, Timeouts, parse};
use find_facts_testkit::VirtualClock;
use tokio::sync::{mpsc, watch};

use crate::legacy;

/// A request that exact matching finds nothing for.
pub(crate) const UNKNOWN: &str = r#"{"query":{"subject":"Angloa","predicate":"capital"}}"#;

/// A question.
pub(crate) const QUESTION: &str = r#"{"query":{"text":"What is the capital of Angola?"}}"#;

pub(crate) fn request(body: &str) -> FindFactsRequest {
    parse(body.as_bytes()).unwrap()
}

/// What a fake tier does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// Answers with a fact about itself, with confidence 0.9.
    Answer,
    /// Finds nothing.
    Nothing,
    Error,
    NotReady,
    Panic,
    /// Works until its deadline says that nobody waits.
    Hang,
    /// Works until the world lets go of it, deadline or not.
    Stuck,
}

/// A tier that does as told, and says when it begins and when it has ended.
pub(crate) struct FakeTier {
    tier: Tier,
    does: Does,
    begun: mpsc::UnboundedSender<Tier>,
    ended: mpsc::UnboundedSender<Tier>,
    stuck: watch::Receiver<bool>,
    runs: Arc<AtomicUsize>,
}

/// The one fact that a fake tier knows.
pub(crate) fn fact_of(tier: Tier) -> Fact {
    Fact::new("Angola", "capital", format!("according to {tier}"))
}

impl FactFinder for FakeTier {
    fn tier(&self) -> Tier {
        self.tier
    }

    fn find(
        &self,
        query: &FindQuery,
        _: &Arc<dyn FactStore>,
        deadline: &Deadline,
    ) -> Result<FinderAnswer, FinderError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        let _ = self.begun.send(self.tier);
        let _ended = EndedOnDrop(self);
        match self.does {
            Does::Answer => Ok(self.answer(query)),
            Does::Nothing => Ok(FinderAnswer::default()),
            Does::Error => Err(FinderError::Store(StoreError::Failed("the disk is gone".into()))),
            Does::NotReady => Err(FinderError::NotReady("still loading".to_owned())),
            Does::Panic => panic!("a fake tier panics"),
            Does::Hang => loop {
                deadline.check()?;
                std::thread::yield_now();
            },
            Does::Stuck => {
                while *self.stuck.borrow() {
                    std::thread::yield_now();
                }
                Ok(FinderAnswer::default())
            }
        }
    }
}

impl FakeTier {
    fn answer(&self, query: &FindQuery) -> FinderAnswer {
        let given = query.parts.subject.clone();
        let link = |given| Link {
            part: Part::Subject,
            given,
            entity: "Angola".into(),
            confidence: 0.9,
            by: LinkMeans::Edit,
        };
        FinderAnswer {
            facts: vec![RankedFact { fact: fact_of(self.tier), confidence: 0.9 }],
            linked: given.map(link).into_iter().collect(),
            models: vec!["fake".into()],
            ..FinderAnswer::default()
        }
    }
}

struct EndedOnDrop<'a>(&'a FakeTier);

impl Drop for EndedOnDrop<'_> {
    fn drop(&mut self) {
        let _ = self.0.ended.send(self.0.tier);
    }
}

/// Flags that say the same of everybody.
pub(crate) struct SameForAll(pub(crate) FlagDecision);

impl FlagEvaluator for SameForAll {
    fn decide(&self, _: &Caller) -> FlagDecision {
        self.0
    }
}

/// All tiers enabled, and everybody gets those up to a mode.
pub(crate) fn up_to(ceiling: Mode) -> SameForAll {
    let decision = FlagDecision {
        generation: Generation(7),
        ceiling,
        enabled: [true; 3],
        cohort: Cohort::Canary,
        caller: 0,
    };
    SameForAll(decision)
}

pub(crate) struct World {
    pub(crate) service: FindFactsService,
    health: Arc<Monitor>,
    clock: Arc<VirtualClock>,
    caller: Caller,
    begun: mpsc::UnboundedReceiver<Tier>,
    ended: mpsc::UnboundedReceiver<Tier>,
    stuck: watch::Sender<bool>,
    runs: Arc<AtomicUsize>,
    _state: tempfile::TempDir,
    /// As long as it is there, time passes only when a test says so.
    _brake: std::sync::mpsc::Sender<()>,
}

impl World {
    /// Needs a tokio runtime whose clock is paused.
    pub(crate) fn new(flags: impl FlagEvaluator + 'static, tiers: &[(Tier, Does)]) -> Self {
        let (store, state) = legacy::store();
        let clock = Arc::new(VirtualClock::new());
        let health = Arc::new(Monitor::new(Settings::default(), Arc::clone(&clock) as Arc<dyn Clock>, || {}));
        let service = FindFactsService::new(
            Arc::new(store),
            Arc::new(flags),
            Arc::clone(&health),
            Arc::clone(&clock) as Arc<dyn Clock>,
            Timeouts::default(),
        );
        let (begun_sender, begun) = mpsc::unbounded_channel();
        let (ended_sender, ended) = mpsc::unbounded_channel();
        let stuck = watch::Sender::new(true);
        let runs = Arc::new(AtomicUsize::new(0));
        for (tier, does) in tiers {
            let fake = FakeTier {
                tier: *tier,
                does: *does,
                begun: begun_sender.clone(),
                ended: ended_sender.clone(),
                stuck: stuck.subscribe(),
                runs: Arc::clone(&runs),
            };
            service.install(Arc::new(fake)).unwrap();
        }
        let (brake, released) = std::sync::mpsc::channel::<()>();
        // Tokio moves a paused clock of its own accord only while no blocking task is under way.
        tokio::task::spawn_blocking(move || released.recv());
        let caller = Caller::unauthenticated("a test");
        Self { service, health, clock, caller, begun, ended, stuck, runs, _state: state, _brake: brake }
    }

    pub(crate) fn asker(&self) -> Asker<'_> {
        Asker::Client(&self.caller)
    }

    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// How often any tier has run.
    pub(crate) fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    /// Lets time pass.
    pub(crate) async fn pass(&self, time: Duration) {
        pass(&self.clock, time).await;
    }

    /// Asks, and goes away as soon as a tier has begun.
    pub(crate) async fn ask_and_leave(&mut self, body: &str) {
        let request = request(body);
        let Self { service, caller, begun, .. } = self;
        tokio::select! {
            answer = service.find(&request, Asker::Client(caller)) => panic!("answered: {answer:?}"),
            _ = begun.recv() => {}
        }
    }

    /// What health has been told.
    pub(crate) fn report(&self) -> HealthReport {
        self.health.report(ReportParts {
            instance: "a test".to_owned(),
            generation: Generation(7),
            kb: KbReport::default(),
            masks: Vec::new(),
            tiers: BTreeMap::new(),
            memory: MemoryReport::default(),
            cpu: CpuReport::default(),
            models: Vec::new(),
            feedback: FeedbackReport::default(),
            quality: BTreeMap::new(),
        })
    }

    /// Waits until a tier's run has ended, for real.
    pub(crate) async fn ends(&mut self) -> Tier {
        self.ended.recv().await.unwrap()
    }

    /// Lets go of the tiers that are stuck.
    pub(crate) fn let_go(&self) {
        self.stuck.send_replace(false);
    }

    pub(crate) async fn find(&self, body: &str) -> Answer {
        self.service.find(&request(body), self.asker()).await
    }

    /// The same, while so much time passes after each tier that begins.
    pub(crate) async fn find_while(&mut self, body: &str, passing: &[Duration]) -> (Answer, Duration) {
        let started = self.clock.now();
        let request = request(body);
        let Self { service, caller, begun, clock, .. } = self;
        let passes = async {
            for time in passing {
                begun.recv().await.unwrap();
                pass(clock, *time).await;
            }
        };
        let (answer, ()) = tokio::join!(service.find(&request, Asker::Client(caller)), passes);
        (answer, self.clock.now() - started)
    }
}

/// Threads see the one clock, timers the other.
async fn pass(clock: &VirtualClock, time: Duration) {
    clock.advance(time);
    tokio::time::advance(time).await;
}
