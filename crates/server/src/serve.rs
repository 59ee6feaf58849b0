//! A server from its first breath to its last: puts the parts together, listens, and on a stop lets requests under way end.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{self, JoinHandle};

use arc_swap::ArcSwap;
use find_facts_core::{Clock, FlagEvaluator, SystemClock, Tier};
use find_facts_health::{Limits, Monitor, Settings};
use find_facts_service::{FaultBoard, FindFactsService, Timeouts};
use find_facts_store::{OpenError, Progress, Store};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::App;
use crate::config::{Config, ConfigError};
use crate::control::Control;
use crate::http::{self, admin, public};
use crate::machine::Readings;
use crate::models::{Models, ModelsError};
use crate::sources::Sources;
use crate::state::{State, StateError};
use crate::tiers::{self, Tiers};
use crate::{reload, watch};

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// The knowledge base, which is only read.
    pub kb: PathBuf,
    /// The folder for what the server remembers.
    pub state: PathBuf,
    /// Where the configuration comes from.
    pub sources: Sources,
}

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The admin listener would be open to others, or its token cannot be read.
    #[error(transparent)]
    Access(#[from] admin::AccessError),
    /// A listener cannot be opened.
    #[error("cannot listen at `{address}`")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// What the server remembers cannot be read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// The knowledge base cannot be read.
    #[error("the knowledge base `{}` cannot be opened", kb.display())]
    Store {
        /// Which one.
        kb: PathBuf,
        /// Why.
        #[source]
        source: OpenError,
    },
    /// The model catalogue is wrong.
    #[error(transparent)]
    Models(#[from] ModelsError),
    /// A thread cannot be started.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
}

impl StartError {
    /// What the operator can do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Bind { .. } => Some("`--listen` and `--admin-listen` name other addresses".to_owned()),
            Self::Store { kb, .. } => {
                Some(format!("`find-facts-server kb check --kb {}` says more", kb.display()))
            }
            _ => None,
        }
    }
}

/// A running server.
pub struct Server {
    app: Arc<App>,
    public: SocketAddr,
    listeners: JoinSet<io::Result<()>>,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    /// Starts one. Exact queries are served when this returns; tiers follow in the background.
    pub async fn start(options: ServeOptions) -> Result<Self, StartError> {
        let (config, _) = options.sources.read()?;
        let access = admin::Access::new(config.admin.token_file.as_deref(), config.server.admin_listen)?;
        let (public_listener, public) = bind(config.server.listen).await?;
        let (admin_listener, admin_address) = bind(config.server.admin_listen).await?;
        let (app, threads) =
            tokio::task::block_in_place(|| assemble(options, config, access, admin_address))?;
        tokio::spawn(bring_up_tiers(Arc::clone(&app)));
        let mut listeners = JoinSet::new();
        listeners.spawn(http::serve(public_listener, public::router(&app), app.stop.clone()));
        listeners.spawn(http::serve(admin_listener, admin::router(&app), app.stop.clone()));
        Ok(Self { app, public, listeners, threads })
    }

    /// Where the public listener is.
    pub fn public_address(&self) -> SocketAddr {
        self.public
    }

    /// Where the admin listener is.
    pub fn admin_address(&self) -> SocketAddr {
        self.app.admin_address
    }

    /// What it is made of.
    pub fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Reads the configuration again; the log says what came of it.
    pub async fn reload(&self) {
        let app = Arc::clone(&self.app);
        let reloaded = tokio::task::spawn_blocking(move || drop(reload::reload_configuration(&app)));
        if let Err(error) = reloaded.await {
            tracing::error!(%error, "the configuration could not be read again");
        }
    }

    /// Takes no more requests, lets those under way end for a while, and closes everything. Says whether all ended.
    pub async fn stop(mut self) -> bool {
        let drain = self.app.control.live().config.server.drain;
        self.app.stop.cancel();
        let all_ended =
            tokio::time::timeout(drain, async { while self.listeners.join_next().await.is_some() {} });
        let all_ended = all_ended.await.is_ok();
        self.listeners.abort_all();
        self.app.tiers.stop();
        let threads = std::mem::take(&mut self.threads);
        let joined = tokio::task::spawn_blocking(move || {
            // A thread that has panicked has ended too; its panic is in the log.
            threads.into_iter().for_each(|thread| drop(thread.join()));
        });
        drop(joined.await);
        all_ended
    }
}

/// Has the tiers look at every generation that comes.
async fn bring_up_tiers(app: Arc<App>) {
    let mut changed = app.control.changed();
    loop {
        tokio::select! {
            _ = app.stop.cancelled() => return,
            Ok(()) = changed.changed() => app.tiers.look(),
        }
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Everything but the listeners. Waits for the disk.
fn assemble(
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
    let monitor = Arc::new(Monitor::new(health_settings(&config), Arc::clone(&clock), on_event));
    let timeouts = timeouts(&config);
    let control = Arc::new(start_control(state, config, &clock, &monitor)?);
    let flags = Arc::clone(&control) as Arc<dyn FlagEvaluator>;
    let service = FindFactsService::new(Arc::clone(&store), flags, Arc::clone(&monitor), clock, timeouts);
    let (service, faults) = (Arc::new(service), Arc::new(FaultBoard::default()));
    let (tiers, tiers_thread) = Tiers::start(tiers::Parts {
        control: Arc::clone(&control),
        store: Arc::clone(&store),
        service: Arc::clone(&service),
        faults: Arc::clone(&faults),
        models: Arc::clone(&models),
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
        machine: ArcSwap::from_pointee(Readings::default()),
        feedback: Default::default(),
        access: ArcSwap::from_pointee(access),
        admin_address,
        sources: options.sources,
        instance: Uuid::now_v7().to_string(),
        stop: CancellationToken::new(),
    });
    let watched = Arc::clone(&app);
    let watch = thread::Builder::new().name("watch".to_owned()).spawn(move || watch::run(&watched, &events));
    Ok((app, vec![tiers_thread, watch.map_err(StartError::Thread)?]))
}

fn start_control(
    state: State,
    config: Config,
    clock: &Arc<dyn Clock>,
    monitor: &Arc<Monitor>,
) -> Result<Control, StateError> {
    let (monitor, time) = (Arc::clone(monitor), Arc::clone(clock));
    Control::start(state, config, Arc::clone(clock), move |tier| monitor.start_anew(tier, time.now()))
}

fn open_store(kb: &Path, state: &Path) -> Result<Store, StartError> {
    let mut log = |progress: Progress<'_>| match progress {
        Progress::Step(step) => tracing::info!("{step}"),
        other => tracing::debug!(?other, "opening the knowledge base"),
    };
    let store = Store::open(kb, state, &mut log);
    store.map_err(|source| StartError::Store { kb: kb.to_owned(), source })
}

fn health_settings(config: &Config) -> Settings {
    let mut limits = Limits::default();
    limits.overall.error_rate = config.health.alert_error_rate;
    limits.overall.p95 = config.health.alert_p95;
    Settings {
        window: config.health.window,
        collect_every: config.health.collect,
        assess_every: config.health.assess,
        limits,
    }
}

fn timeouts(config: &Config) -> Timeouts {
    Timeouts {
        tiers: Tier::ALL.map(|tier| config.tier(tier).timeout),
        most: config.limits.enhancement_timeout,
    }
}
