//! Brings Tier 1 to where the flags' generation wants it: built with these parameters, or gone. One thread does it, one
//! step after the other; queries never wait for it.

mod build;
mod status;

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use find_facts_api::admin::{EventKind, TierParams};
use find_facts_core::health::{ModelReport, TierState};
use find_facts_core::{Deadline, FactFinder, Tier};
use find_facts_health::TierParts;
use find_facts_service::{FaultBoard, FaultyFinder, FindFactsService};
use find_facts_store::Store;
use find_facts_tier1::Tier1;

use crate::control::Control;
use crate::http::chain;
use crate::models::Models;
use build::{Embedders, Plan};
use status::Status;

/// What tiers are made of and where they go.
pub(crate) struct Parts {
    pub(crate) control: Arc<Control>,
    pub(crate) store: Arc<Store>,
    pub(crate) service: Arc<FindFactsService>,
    pub(crate) faults: Arc<FaultBoard>,
    pub(crate) models: Arc<Models>,
}

/// The tiers of a running server.
pub(crate) struct Tiers {
    parts: Parts,
    status: Status,
    wake: SyncSender<()>,
    /// What is being built, so that it can be given up.
    building: Mutex<Option<(TierParams, Deadline)>>,
    /// A failed build is to be tried once more.
    retry: AtomicBool,
    stopping: AtomicBool,
}

/// What the thread has done so far.
#[derive(Default)]
struct Done {
    /// Parameters of the last build, whatever became of it.
    tried: Option<TierParams>,
    in_service: Option<Arc<Tier1>>,
    embedders: Embedders,
}

impl Tiers {
    /// Starts the thread, which at once looks at the generation in force.
    pub(crate) fn start(parts: Parts) -> io::Result<(Arc<Self>, JoinHandle<()>)> {
        let (wake, woken) = sync_channel(1);
        let tiers = Arc::new(Self {
            parts,
            status: Status::default(),
            wake,
            building: Mutex::default(),
            retry: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
        });
        let worker = Arc::clone(&tiers);
        let thread = thread::Builder::new().name("tiers".to_owned()).spawn(move || worker.work(&woken))?;
        tiers.look();
        Ok((tiers, thread))
    }

    /// Whether this server can run a tier at all.
    pub(crate) fn has(&self, tier: Tier) -> bool {
        tier == Tier::Tier1
    }

    /// Where each tier stands that is not off.
    pub(crate) fn parts(&self) -> BTreeMap<Tier, TierParts> {
        self.status.parts()
    }

    /// Where a tier stands.
    pub(crate) fn state(&self, tier: Tier) -> TierState {
        self.status.parts().get(&tier).map_or(TierState::Off, |parts| parts.state)
    }

    /// Models of the tiers.
    pub(crate) fn models(&self) -> Vec<ModelReport> {
        self.status.models()
    }

    /// The generation may want something else now.
    pub(crate) fn look(&self) {
        let wanted = self.wanted();
        let building = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((params, deadline)) = &*building
            && wanted.as_ref() != Some(params)
        {
            deadline.cancel();
        }
        // A full channel has the thread look anyway.
        let _ = self.wake.try_send(());
    }

    /// Facts have been added or removed.
    pub(crate) fn knowledge_base_changed(&self) {
        let _ = self.wake.try_send(());
    }

    /// Tries a failed build once more, with the same parameters.
    pub(crate) fn retry_if_failed(&self, tier: Tier) {
        if self.state(tier) == TierState::Failed {
            self.retry.store(true, Ordering::Release);
            let _ = self.wake.try_send(());
        }
    }

    /// Gives up what is being built, and ends the thread.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        if let Some((_, deadline)) = &*self.building.lock().unwrap_or_else(PoisonError::into_inner) {
            deadline.cancel();
        }
        let _ = self.wake.try_send(());
    }

    fn wanted(&self) -> Option<TierParams> {
        self.parts.control.live().record.tiers.get(&Tier::Tier1).cloned()
    }

    fn work(&self, woken: &Receiver<()>) {
        let mut done = Done::default();
        while woken.recv().is_ok() && !self.stopping.load(Ordering::Acquire) {
            let retry = self.retry.swap(false, Ordering::AcqRel);
            match self.wanted() {
                wanted if wanted == done.tried && !retry => self.follow(&done),
                Some(params) => self.build(params, &mut done),
                None => self.remove(&mut done),
            }
        }
    }

    fn build(&self, params: TierParams, done: &mut Done) {
        let deadline = Deadline::none();
        *self.building.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((params.clone(), deadline.clone()));
        // Whatever was wanted before this was set down has not cancelled it.
        if self.wanted().as_ref() != Some(&params) {
            deadline.cancel();
        }
        self.status.loading(&params);
        self.tell(TierState::Loading, "initialisation has begun");
        let plan = Plan { parts: &self.parts, status: &self.status, params: &params, deadline: &deadline };
        let built = plan.build(&mut done.embedders).and_then(|(tier1, reasons)| {
            self.install(&tier1).map_err(|error| chain(&error))?;
            Ok((tier1, reasons))
        });
        done.tried = Some(params);
        match built {
            Ok((tier1, reasons)) => {
                done.in_service = Some(Arc::clone(&tier1));
                let without = reasons.join("; ");
                self.status.ready(tier1, reasons);
                self.tell(TierState::Ready, &without);
            }
            // Something else is wanted already: the next round brings it.
            Err(_) if deadline.check().is_err() => done.tried = None,
            Err(reason) => {
                let still =
                    if done.in_service.is_some() { "; it serves with its earlier parameters" } else { "" };
                let reason = format!("{reason}{still}");
                tracing::error!(reason, "Tier 1 could not be initialised");
                self.tell(TierState::Failed, &reason);
                self.status.failed(reason);
            }
        }
        *self.building.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn install(&self, tier1: &Arc<Tier1>) -> Result<(), find_facts_service::CannotStart> {
        let finder: Arc<dyn FactFinder> = Arc::clone(tier1) as Arc<dyn FactFinder>;
        self.parts.service.install(Arc::new(FaultyFinder::new(finder, Arc::clone(&self.parts.faults))))
    }

    fn remove(&self, done: &mut Done) {
        self.parts.service.remove(Tier::Tier1);
        *done = Done::default();
        self.status.off();
        self.tell(TierState::Off, "removed");
    }

    /// Takes in facts that have changed since the last time.
    fn follow(&self, done: &Done) {
        let Some(tier1) = &done.in_service else { return };
        let store = self.parts.store.current();
        if let Err(error) = tier1.follow(&*store, &|_| {}, &Deadline::none()) {
            tracing::warn!(error = chain(&error), "Tier 1 has not taken in a change of the knowledge base");
        }
    }

    fn tell(&self, state: TierState, reason: &str) {
        let event = EventKind::TierChanged { tier: Tier::Tier1, state, reason: reason.to_owned() };
        self.parts.control.announce(event);
    }
}
