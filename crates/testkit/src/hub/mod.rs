//! A model hub on loopback, with the real one's addresses, headers and redirects, and with faults on demand. Large files
//! are redirected to a second listener, as the real hub redirects to its CDN: another origin, which must see no token.

mod answer;
mod fault;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::routing::get;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;

pub use fault::HubFault;

/// The commit at which every repository of this hub stands.
pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Files of this size and above are kept apart and redirected to, as the real hub does with its large files.
const LARGE: usize = 1024;

/// A running hub. It stops with the value.
pub struct Hub {
    state: Arc<State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// One request, as the hub saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// `HEAD` or `GET`.
    pub method: String,
    /// The path, without a query.
    pub path: String,
    /// Whether it came to the CDN's listener.
    pub by_cdn: bool,
    /// The `Range` header.
    pub range: Option<String>,
    /// The `Authorization` header.
    pub authorization: Option<String>,
}

pub(crate) struct State {
    hub: SocketAddr,
    cdn: SocketAddr,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// By `organisation/name/path`.
    files: BTreeMap<String, StoredFile>,
    seen: Vec<Seen>,
}

#[derive(Clone)]
struct StoredFile {
    content: Arc<[u8]>,
    fault: Option<HubFault>,
}

impl StoredFile {
    fn is_large(&self) -> bool {
        self.content.len() >= LARGE
    }

    /// SHA-256 of a large file; as long as git's hash of a small one, where nobody computes it.
    fn etag(&self) -> String {
        let hex: String = Sha256::digest(&self.content).iter().map(|byte| format!("{byte:02x}")).collect();
        if self.is_large() { hex } else { hex[..40].to_owned() }
    }
}

impl Hub {
    /// Starts one on free ports.
    ///
    /// # Panics
    /// If loopback has none, or no thread can be started.
    #[expect(clippy::expect_used, reason = "a test without its hub cannot go on")]
    pub fn start() -> Self {
        let bind = || TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
        let (hub, cdn) = (bind(), bind());
        let address =
            |listener: &TcpListener| listener.local_addr().expect("a bound listener has an address");
        let state = Arc::new(State { hub: address(&hub), cdn: address(&cdn), inner: Mutex::default() });
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&state);
        let thread = thread::spawn(move || serve(serving, hub, cdn, stopped));
        Self { state, stop: Some(stop), thread: Some(thread) }
    }

    /// What to give as `HF_ENDPOINT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.state.hub)
    }

    /// A plain address of a file, not the hub's way of serving it.
    pub fn plain_url(&self, repository: &str, path: &str) -> String {
        format!("http://{}/cdn/{repository}/{path}", self.state.cdn)
    }

    /// Stores a file in a repository such as `organisation/name`.
    pub fn put(&self, repository: &str, path: &str, content: impl Into<Vec<u8>>) {
        let file = StoredFile { content: content.into().into(), fault: None };
        self.state.lock().files.insert(format!("{repository}/{path}"), file);
    }

    /// Lets every file of this path suffer `fault` from now on, as far as the fault goes.
    pub fn fault(&self, path: &str, fault: HubFault) {
        for (_, file) in self.state.lock().files.iter_mut().filter(|(name, _)| name.ends_with(path)) {
            file.fault = Some(fault.clone());
        }
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.state.lock().seen.clone()
    }

    /// Requests for content, not for heads or redirects.
    pub fn downloads(&self) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| seen.by_cdn && seen.method == "GET").collect()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::expect_used, reason = "a test without its hub cannot go on")]
fn serve(state: Arc<State>, hub: TcpListener, cdn: TcpListener, stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = |listener: TcpListener| {
            listener.set_nonblocking(true).expect("a listener that does not block");
            tokio::net::TcpListener::from_std(listener).expect("a listener of the runtime")
        };
        let hub_routes = Router::new()
            .route("/{organisation}/{name}/resolve/{revision}/{*path}", get(answer::resolve))
            .with_state(Arc::clone(&state));
        let cdn_routes =
            Router::new().route("/cdn/{organisation}/{name}/{*path}", get(answer::content)).with_state(state);
        tokio::select! {
            _ = axum::serve(listener(hub), hub_routes) => {}
            _ = axum::serve(listener(cdn), cdn_routes) => {}
            _ = stopped => {}
        }
    });
    // Connections in the middle of a slow answer are not waited for.
    runtime.shutdown_background();
}
