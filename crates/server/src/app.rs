//! Everything the listeners share. Parts are put together here and nowhere else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwap;
use find_facts_core::health::KbReport;
use find_facts_core::{Deadline, EntityId, FactStore, HealthReport};
use find_facts_health::{Monitor, ReportParts};
use find_facts_service::{FaultBoard, FindFactsService};
use find_facts_store::Store;
use tokio_util::sync::CancellationToken;

use crate::control::Control;
use crate::feedback::FeedbackCounts;
use crate::http::admin::Access;
use crate::language::Languages;
use crate::machine::Readings;
use crate::models::Models;
use crate::quality::Quality;
use crate::sources::Sources;
use crate::tiers::Tiers;

/// A running server.
pub struct App {
    /// Flags, lease, events.
    pub control: Arc<Control>,
    /// The knowledge base.
    pub store: Arc<Store>,
    /// Answers queries.
    pub service: Arc<FindFactsService>,
    /// Listens to outcomes.
    pub monitor: Arc<Monitor>,
    /// Faults on purpose.
    pub faults: Arc<FaultBoard>,
    /// Brings tiers up and takes them down.
    pub(crate) tiers: Arc<Tiers>,
    /// The catalogue and the cache.
    pub(crate) models: Arc<Models>,
    /// Language models in memory.
    pub(crate) languages: Arc<Languages>,
    /// The last readings of memory and processor.
    pub(crate) machine: ArcSwap<Readings>,
    /// What clients said.
    pub(crate) feedback: FeedbackCounts,
    /// How good answers are.
    pub(crate) quality: Quality,
    /// What a request to the admin listener has to show.
    pub(crate) access: ArcSwap<Access>,
    /// Where the admin listener is.
    pub(crate) admin_address: SocketAddr,
    /// Where the configuration came from.
    pub(crate) sources: Sources,
    /// Changes with every start.
    pub(crate) instance: String,
    /// Cancelled when the server is to stop.
    pub(crate) stop: CancellationToken,
}

impl App {
    /// The health report as of now.
    pub fn report(&self) -> HealthReport {
        let live = self.control.live();
        let machine = self.machine.load();
        self.monitor.report(ReportParts {
            instance: self.instance.clone(),
            generation: live.record.generation,
            kb: self.kb(),
            masks: live.evaluator.masks(),
            tiers: self.tiers.parts(),
            memory: machine.memory,
            cpu: machine.cpu,
            models: self.tiers.models().into_iter().chain(self.languages.reports()).collect(),
            feedback: self.feedback.report(),
            quality: self.quality.report(Instant::now()),
        })
    }

    fn kb(&self) -> KbReport {
        let index = self.store.current();
        KbReport {
            version: Some(index.version()),
            facts: index.len() as u64,
            entities: entity_count(&*index),
            predicates: index.predicates(&Deadline::none()).map_or(0, |predicates| predicates.len() as u64),
        }
    }
}

/// How many entities a store has: their numbers are dense, so the first number that nobody has says it.
fn entity_count(store: &dyn FactStore) -> u64 {
    let nobody = Deadline::none();
    let exists =
        |number: u32| store.entities(EntityId(number), 1, &nobody).is_ok_and(|found| !found.is_empty());
    let (mut low, mut high) = (0, u32::MAX);
    while low < high {
        let middle = low + (high - low) / 2;
        if exists(middle) { low = middle + 1 } else { high = middle }
    }
    u64::from(low)
}
