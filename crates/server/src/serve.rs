//! A server from its first breath to its last: puts the parts together, listens, and on a stop lets requests under way end.

mod assemble;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use find_facts_store::OpenError;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::app::App;
use crate::config::ConfigError;
use crate::http::{self, admin, public};
use crate::machine::{Connections, raise_limit};
use crate::models::ModelsError;
use crate::quality::GoldenFault;
use crate::reload::{self, Refused};
use crate::sources::Sources;
use crate::state::StateError;

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
    /// The golden probes are wrong.
    #[error(transparent)]
    Golden(#[from] GoldenFault),
    /// A thread cannot be started.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
}

impl StartError {
    /// Its page under `docs/errors/`, where it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Config(_) => Some("invalid-configuration"),
            Self::Access(error) => Some(error.code()),
            Self::Bind { .. } => Some("listen-failed"),
            Self::State(error) => Some(error.code()),
            Self::Store { source, .. } => source.code(),
            Self::Models(ModelsError::Catalogue(_)) => Some("model-catalogue-invalid"),
            Self::Models(ModelsError::Setting(_)) => Some("invalid-configuration"),
            Self::Golden(_) => Some("golden-probes-invalid"),
            Self::Thread(_) => None,
        }
    }

    /// What the operator can do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Bind { .. } => Some("`--listen` and `--admin-listen` name other addresses".to_owned()),
            Self::Store { kb, source: OpenError::Folder(_) | OpenError::TooLarge(_) } => {
                Some(format!("`find-facts-server kb check --kb {}` says more", kb.display()))
            }
            Self::Store { source: OpenError::Changes(_), .. } => Some(
                "look at space and rights; a damaged file comes from a backup, or is moved away and the facts changed at \
                 run time are forgotten"
                    .to_owned(),
            ),
            Self::State(error) => error.hint().map(str::to_owned),
            _ => None,
        }
    }
}

/// A running server.
pub struct Server {
    app: Arc<App>,
    public: SocketAddr,
    listeners: JoinSet<()>,
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
            tokio::task::block_in_place(|| assemble::assemble(options, config, access, admin_address))?;
        tokio::spawn(bring_up_tiers(Arc::clone(&app)));
        let mut listeners = JoinSet::new();
        let most = Connections::within(raise_limit());
        let clients = public::Public::new(&app);
        listeners.spawn(http::serve(public_listener, clients, most.public, app.stop.clone()));
        listeners.spawn(http::serve(admin_listener, admin::router(&app), most.admin, app.stop.clone()));
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
        let reloaded = tokio::task::spawn_blocking(move || {
            let _acting = app.control.acting();
            let outcome = match reload::reload_configuration(&app) {
                Ok(written) if written.changed => "changed".to_owned(),
                Ok(_) => "nothing to change".to_owned(),
                Err(Refused(faults)) => format!("refused: {}", faults.join("; ")),
            };
            app.control.note("operator".to_owned(), "SIGHUP".to_owned(), None, outcome);
        });
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
        self.app.languages.stop();
        self.app.quality.stop();
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
