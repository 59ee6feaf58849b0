//! Brings each tier to where the flags' generation wants it: built with these parameters, or gone. One thread does it, one
//! step after the other, lower tiers first; queries never wait for it.

mod build;
mod status;

use std::collections::BTreeMap;
use std::io;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use find_facts_api::admin::{EventKind, TierParams};
use find_facts_core::health::{ModelReport, TierState};
use find_facts_core::{Deadline, Tier};
use find_facts_health::TierParts;
use find_facts_service::{FaultBoard, FaultyFinder, FindFactsService, give_way};
use find_facts_store::Store;

use crate::control::Control;
use crate::http::chain;
use crate::language::Languages;
use crate::models::Models;
use build::{Built, Embedders, Plan, cache_size};
use status::Status;

/// What tiers are made of and where they go.
pub(crate) struct Parts {
    pub(crate) control: Arc<Control>,
    pub(crate) store: Arc<Store>,
    pub(crate) service: Arc<FindFactsService>,
    pub(crate) faults: Arc<FaultBoard>,
    pub(crate) models: Arc<Models>,
    pub(crate) languages: Arc<Languages>,
}

/// The tiers of a running server.
pub(crate) struct Tiers {
    parts: Parts,
    status: Status,
    wake: SyncSender<()>,
    /// What is being built, so that it can be given up.
    building: Mutex<Option<(Tier, Wanted, Deadline)>>,
    /// Builds that fell short are to be tried once more.
    retry: AtomicBool,
    stopping: AtomicBool,
}

/// The tiers that this server can run, lowest first.
const OURS: [Tier; 2] = [Tier::Tier1, Tier::Tier2];

/// What a build depends on: a tier's own parameters, and those of the tiers it stands on.
type Wanted = Vec<TierParams>;

/// What the thread has done so far.
#[derive(Default)]
struct Done {
    tiers: BTreeMap<Tier, DoneOf>,
    embedders: Embedders,
}

/// What it has done about one tier.
#[derive(Default)]
struct DoneOf {
    /// What was wanted at the last build, whatever became of it.
    tried: Option<Wanted>,
    in_service: Option<Built>,
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
        // Whoever asks before the thread has begun hears what is coming.
        for tier in OURS {
            if let Some(params) = tiers.wanted(tier).as_ref().and_then(|wanted| wanted.last()) {
                tiers.status.loading(tier, cache_size(tier, params));
            }
        }
        let worker = Arc::clone(&tiers);
        let thread = thread::Builder::new().name("tiers".to_owned()).spawn(move || worker.work(&woken))?;
        tiers.look();
        Ok((tiers, thread))
    }

    /// Whether this server can run a tier at all.
    pub(crate) fn has(&self, tier: Tier) -> bool {
        OURS.contains(&tier)
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
        let building = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((tier, wanted, deadline)) = &*building
            && self.wanted(*tier).as_ref() != Some(wanted)
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

    /// Builds a tier once more with the same parameters, unless it is all that they ask for.
    pub(crate) fn retry(&self, tier: Tier) {
        if self.falls_short(tier) {
            self.retry.store(true, Ordering::Release);
            let _ = self.wake.try_send(());
        }
    }

    /// Whether a tier could not be built, or does without something.
    fn falls_short(&self, tier: Tier) -> bool {
        self.parts().get(&tier).is_some_and(|parts| match parts.state {
            TierState::Failed => true,
            TierState::Ready => !parts.reasons.is_empty(),
            TierState::Off | TierState::Loading => false,
        })
    }

    /// Gives up what is being built, and ends the thread.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        if let Some((.., deadline)) = &*self.building.lock().unwrap_or_else(PoisonError::into_inner) {
            deadline.cancel();
        }
        let _ = self.wake.try_send(());
    }

    /// What a build of a tier would be made from; `None` where the generation does not have it.
    fn wanted(&self, tier: Tier) -> Option<Wanted> {
        let live = self.parts.control.live();
        let tiers = &live.record.tiers;
        tiers.get(&tier)?;
        Some(
            OURS.into_iter()
                .filter(|below| *below <= tier)
                .filter_map(|tier| tiers.get(&tier))
                .cloned()
                .collect(),
        )
    }

    fn work(&self, woken: &Receiver<()>) {
        give_way();
        let mut done = Done::default();
        while woken.recv().is_ok() && !self.stopping.load(Ordering::Acquire) {
            let retry = self.retry.swap(false, Ordering::AcqRel);
            for tier in OURS {
                if self.stopping.load(Ordering::Acquire) {
                    return;
                }
                self.bring(tier, retry, &mut done);
            }
            // A model that no tier uses is not kept.
            if done.tiers.values().all(|done| done.in_service.is_none()) {
                done.embedders = Embedders::default();
            }
        }
    }

    fn bring(&self, tier: Tier, retry: bool, done: &mut Done) {
        let of_tier = done.tiers.entry(tier).or_default();
        let again = retry && self.falls_short(tier);
        match self.wanted(tier) {
            None if self.state(tier) == TierState::Off => {}
            None => self.remove(tier, of_tier),
            Some(wanted) if of_tier.tried.as_ref() == Some(&wanted) && !again => self.follow(tier, of_tier),
            Some(wanted) => self.build(tier, wanted, done),
        }
    }

    fn build(&self, tier: Tier, wanted: Wanted, done: &mut Done) {
        let deadline = Deadline::none();
        *self.building.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((tier, wanted.clone(), deadline.clone()));
        // Whatever was wanted before this was set down has not cancelled it, and neither has a stop.
        if self.stopping.load(Ordering::Acquire) || self.wanted(tier).as_ref() != Some(&wanted) {
            deadline.cancel();
        }
        let Some(params) = wanted.last() else { return };
        self.status.loading(tier, cache_size(tier, params));
        self.tell(tier, TierState::Loading, "initialisation has begun");
        let built = self.built(tier, params, &deadline, done).and_then(|(built, reasons)| {
            let finder = FaultyFinder::new(built.finder(), Arc::clone(&self.parts.faults));
            self.parts.service.install(Arc::new(finder)).map_err(|error| chain(&error))?;
            Ok((built, reasons))
        });
        let of_tier = done.tiers.entry(tier).or_default();
        of_tier.tried = Some(wanted);
        match built {
            Ok((built, reasons)) => {
                self.status.ready(tier, built.clone(), reasons);
                of_tier.in_service = Some(built);
                // What stands on it is made anew.
                let above = (Bound::Excluded(tier), Bound::Unbounded);
                done.tiers.range_mut(above).for_each(|(_, of_tier)| of_tier.tried = None);
                let without = self.parts().remove(&tier).map(|parts| parts.reasons).unwrap_or_default();
                self.tell(tier, TierState::Ready, &without.join("; "));
            }
            // Something else is wanted already: the next round brings it.
            Err(_) if deadline.check().is_err() => of_tier.tried = None,
            Err(reason) => {
                let still =
                    if of_tier.in_service.is_some() { "; it serves with its earlier parameters" } else { "" };
                let reason = format!("{reason}{still}");
                tracing::error!(reason, %tier, "a tier could not be initialised");
                self.tell(tier, TierState::Failed, &reason);
                self.status.failed(tier, reason);
            }
        }
        *self.building.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn built(
        &self,
        tier: Tier,
        params: &TierParams,
        deadline: &Deadline,
        done: &mut Done,
    ) -> Result<(Built, Vec<String>), String> {
        let plan = Plan::new(&self.parts, &self.status, tier, params, deadline);
        if tier == Tier::Tier1 {
            return plan.tier1(&mut done.embedders);
        }
        let below = done.tiers.get(&Tier::Tier1);
        let Some(Built::One(tier1)) = below.and_then(|done| done.in_service.as_ref()) else {
            return Err("it stands on `tier1`, which is not there".to_owned());
        };
        let named = below.and_then(|done| done.tried.as_ref()?.last()?.model.as_deref());
        plan.tier2(tier1, named, &mut done.embedders)
    }

    fn remove(&self, tier: Tier, done: &mut DoneOf) {
        self.parts.service.remove(tier);
        *done = DoneOf::default();
        self.status.off(tier);
        self.tell(tier, TierState::Off, "removed");
    }

    /// Takes in facts that have changed since the last time.
    fn follow(&self, tier: Tier, done: &DoneOf) {
        let Some(built) = &done.in_service else { return };
        if let Err(error) = built.follow(&self.parts) {
            tracing::warn!(error, %tier, "a tier has not taken in a change of the knowledge base");
        }
    }

    fn tell(&self, tier: Tier, state: TierState, reason: &str) {
        let event = EventKind::TierChanged { tier, state, reason: reason.to_owned() };
        self.parts.control.announce(event);
    }
}
