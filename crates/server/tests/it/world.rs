//! A small knowledge base, a server over it, and a client of both listeners.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use find_facts_server::config::{Argument, Environment};
use find_facts_server::{ServeOptions, Server, Sources, StartError};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const FACTS: &str = "Albert Einstein\tborn_in\tUlm\nAlbert Einstein\tfield\tphysics\n\
    Marie Curie\tborn_in\tWarsaw\nMarie Curie\tfield\tchemistry\nUlm\tlocated_in\tGermany\n";
const ALIASES: &str = "Albert Einstein\tA. Einstein\nMarie Curie\tMme Curie\n";

/// Health looks often and over a short window; nothing of a test waits for half a minute.
pub(crate) const QUICK: &str = "[health]\nwindow_seconds = 5\ncollect_seconds = 0.2\nassess_seconds = 0.2\n\
    [rollback]\ncheck_seconds = 0.2\n";

/// Folders of a server, which outlive it.
pub(crate) struct World {
    folder: TempDir,
    env: Vec<(&'static str, String)>,
}

impl World {
    pub(crate) fn new(config: &str) -> Self {
        // A second test of the process finds the provider installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("kb")).unwrap();
        std::fs::write(folder.path().join("kb/facts.tsv"), FACTS).unwrap();
        std::fs::write(folder.path().join("kb/aliases.tsv"), ALIASES).unwrap();
        // No models: Tier 1 links by letters and words.
        let home = folder.path().join("home").display().to_string();
        let world = Self { folder, env: vec![("FIND_FACTS_HOME", home)] };
        world.configure(config);
        world
    }

    /// Tier 1 stands ready at 0 %, as after Phase 2's initialisation.
    pub(crate) fn with_tier1_at_zero() -> Self {
        Self::new(&format!("tier1.percentage = 0\n{QUICK}"))
    }

    pub(crate) fn env(mut self, name: &'static str, value: &str) -> Self {
        self.env.push((name, value.to_owned()));
        self
    }

    /// With the models that set-up has put into the workspace.
    pub(crate) fn with_models(self) -> Self {
        self.env("FIND_FACTS_HOME", set_up().to_str().unwrap())
    }

    /// Brings them to a world that began without.
    pub(crate) fn bring_models(&self) {
        std::os::unix::fs::symlink(set_up(), self.path("home")).unwrap();
    }

    pub(crate) fn configure(&self, config: &str) {
        std::fs::write(self.path("find-facts.toml"), config).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path("state")
    }

    pub(crate) fn environment(&self) -> &[(&'static str, String)] {
        &self.env
    }

    pub(crate) async fn try_start(&self) -> Result<Running, StartError> {
        let anywhere = |key, name| Argument { key, name, text: "127.0.0.1:0".to_owned() };
        let server = Server::start(ServeOptions {
            kb: self.path("kb"),
            state: self.state(),
            sources: Sources {
                arguments: vec![
                    anywhere("server.listen", "--listen"),
                    anywhere("server.admin_listen", "--admin-listen"),
                ],
                environment: Environment::new(self.env.iter().map(|(name, value)| (name, value))),
                file: Some(self.path("find-facts.toml")),
            },
        })
        .await?;
        let client = Http::new(server.public_address().to_string(), server.admin_address().to_string());
        Ok(Running { server, client })
    }

    pub(crate) async fn start(&self) -> Running {
        self.try_start().await.unwrap()
    }
}

fn set_up() -> PathBuf {
    let workspace = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.find-facts");
    let home = std::env::var_os("FIND_FACTS_HOME").map_or_else(workspace, PathBuf::from);
    home.canonicalize().unwrap()
}

/// A server and a client of it.
pub(crate) struct Running {
    pub(crate) server: Server,
    pub(crate) client: Http,
}

impl std::ops::Deref for Running {
    type Target = Http;

    fn deref(&self) -> &Http {
        &self.client
    }
}

impl Running {
    pub(crate) async fn stop(self) {
        assert!(self.server.stop().await, "requests were cut off");
    }
}

/// A client of both listeners.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client,
    public: String,
    admin: String,
}

/// A status and a document.
pub(crate) type Answer = (u16, Value);

impl Http {
    pub(crate) fn new(public: String, admin: String) -> Self {
        Self { client: Client::new(), public: format!("http://{public}"), admin: format!("http://{admin}") }
    }

    pub(crate) fn public(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.public))
    }

    pub(crate) fn admin(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.admin))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        document(self.admin(Method::GET, path)).await
    }

    pub(crate) async fn get_owned(&self, path: String) -> Answer {
        self.get(&path).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        document(self.admin(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        document(self.admin(Method::POST, path).json(&body)).await
    }

    /// Asks as a client who says who it is.
    pub(crate) async fn ask_as(&self, who: &str, subject: &str) -> Value {
        let request = self.public(Method::POST, "/v1/find_facts").header("x-targeting-key", who);
        let (status, answer) = document(request.json(&json!({"query": {"subject": subject}}))).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub(crate) async fn generation(&self) -> u64 {
        self.get("/admin/v1/flags").await.1["generation"].as_u64().unwrap()
    }

    /// Sets Tier 1's percentage by the call that deployctl uses.
    pub(crate) async fn set_percentage(&self, percentage: f64) -> u64 {
        let body = json!({
            "expect_generation": self.generation().await,
            "flags": {"tier1_entity_linking": {"enabled": true, "percentage": percentage}},
        });
        let (status, written) = self.post("/admin/v1/reload", body).await;
        assert_eq!(status, 200, "{written}");
        written["generation"].as_u64().unwrap()
    }

    /// Waits until Tier 1 is ready.
    pub(crate) async fn tier1_ready(&self) {
        self.until("tier 1 is ready", |health| health["tiers"]["tier1"]["state"] == "ready").await;
    }

    /// Waits until the health report is as wanted; half a minute is far more than anything here takes.
    pub(crate) async fn until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let (_, health) = self.get("/admin/v1/health").await;
            if wanted(&health) {
                return health;
            }
            assert!(Instant::now() < end, "{what}: {health:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Sends a request and reads the document of its answer; `null` where there is none.
pub(crate) async fn document(request: RequestBuilder) -> Answer {
    read(request.send().await.unwrap()).await
}

pub(crate) async fn read(response: Response) -> Answer {
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// Whether an answer was linked.
pub(crate) fn is_linked(answer: &Value) -> bool {
    !answer["data"]["enhancement"].is_null()
}

pub(crate) fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_find-facts-server"))
}
