//! Puts the parts of a server together, and starts its threads. Everything but the listeners.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};

use arc_swap::ArcSwap;
use find_facts_core::{Clock, FlagEvaluator, SystemClock};
use find_facts_health::Monitor;
use find_facts_service::{FaultBoard, FindFactsService};
use find_facts_store::{Progress, Store};
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{ServeOptions, StartError};
use crate::app::App;
use crate::config::Config;
use crate::control::Control;
use crate::http::admin;
use crate::language::Languages;
use crate::machine::{BootClock, Readings};
use crate::models::Models;
use crate::quality::{self, Given, Quality};
use crate::state::{State, StateError};
use crate::tiers::{self, Tiers};
use crate::watch;

/// A server that does not listen yet. Waits for the disk.
pub(super) fn assemble(
    options: ServeOptions,
    config: Config,
    access: admin::Access,
    admin_address: SocketAddr,
) -> Result<(Arc<App>, Vec<JoinHandle<()>>), StartError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let state = State::open(&options.state)?;
    let models = Arc::new(Models::new(config.models.catalogue.as_deref(), &options.sources.environment)?);
    let store = Arc::new(open_store(&options.kb, &options.state)?);
    let (breaker, events) = sync_channel(1);
    // A full channel has the watch look anyway.
    let on_event = move || {
        let _ = breaker.try_send(());
    };
    let monitor = Arc::new(Monitor::new(config.health_settings(), Arc::clone(&clock), on_event));
    let timeouts = config.timeouts();
    let golden = Given::read(config.quality.golden.as_ref())?;
    let control = Arc::new(start_control(state, config, &clock, &monitor)?);
    let flags = Arc::clone(&control) as Arc<dyn FlagEvaluator>;
    let service = FindFactsService::new(Arc::clone(&store), flags, Arc::clone(&monitor), clock, timeouts);
    let (service, faults) = (Arc::new(service), Arc::new(FaultBoard::default()));
    let languages = Arc::new(Languages::new(Arc::clone(&models), Arc::clone(&control)));
    let (tiers, tiers_thread) = Tiers::start(tiers::Parts {
        control: Arc::clone(&control),
        store: Arc::clone(&store),
        service: Arc::clone(&service),
        faults: Arc::clone(&faults),
        models: Arc::clone(&models),
        languages: Arc::clone(&languages),
    })
    .map_err(StartError::Thread)?;
    let app = Arc::new(App {
        control,
        store,
        service,
        monitor,
        faults,
        tiers,
        models,
        languages,
        machine: ArcSwap::from_pointee(Readings::default()),
        feedback: Default::default(),
        quality: Quality::new(golden),
        access: ArcSwap::from_pointee(access),
        admin_address,
        sources: options.sources,
        instance: Uuid::now_v7().to_string(),
        stop: CancellationToken::new(),
    });
    let start = |name: &str, work: Box<dyn FnOnce() + Send>| {
        thread::Builder::new().name(name.to_owned()).spawn(work).map_err(StartError::Thread)
    };
    let (watched, asked) = (Arc::clone(&app), Arc::clone(&app));
    // Of its own: the server's may be gone before the thread has heard that it is to stop.
    let runtime = Builder::new_current_thread().enable_time().build().map_err(StartError::Thread)?;
    let watch = start("watch", Box::new(move || watch::run(&watched, &events)))?;
    let quality = start("quality", Box::new(move || quality::run(&asked, &runtime)))?;
    Ok((app, vec![tiers_thread, watch, quality]))
}

fn start_control(
    state: State,
    config: Config,
    clock: &Arc<dyn Clock>,
    monitor: &Arc<Monitor>,
) -> Result<Control, StateError> {
    let (monitor, time) = (Arc::clone(monitor), Arc::clone(clock));
    Control::start(state, config, Arc::new(BootClock::new()), move |tier| {
        monitor.start_anew(tier, time.now())
    })
}

fn open_store(kb: &Path, state: &Path) -> Result<Store, StartError> {
    let mut log = |progress: Progress<'_>| match progress {
        Progress::Step(step) => tracing::info!("{step}"),
        other => tracing::debug!(?other, "opening the knowledge base"),
    };
    let store = Store::open(kb, state, &mut log);
    store.map_err(|source| StartError::Store { kb: kb.to_owned(), source })
}
