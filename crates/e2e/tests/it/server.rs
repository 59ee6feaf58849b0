//! A server as a process, in a folder of its own, and what an operator asks of it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use find_facts_api::admin::{
    Event, EventList, Fault, FaultKind, Faults, FlagDocument, FlagHistory, GenerationRecord, Lease,
};
use find_facts_api::rollout::{RolloutState, RunStatus};
use find_facts_core::health::TierState;
use find_facts_core::{FlagState, HealthReport, Tier};
use find_facts_deployctl::client::AdminClient;
use reqwest::blocking::Client;
use tempfile::TempDir;

use crate::knowledge;
use crate::process::Process;
use crate::programs::{home, program, workspace};

/// The demo's, with the latencies of a machine that is busy with other tests.
const CONFIG: &[(&str, &str)] = &[
    ("[tier1]\n", "[tier1]\ntimeout_ms = 2000\np95_ms = 200\n"),
    ("[health]\n", "[tier2]\ntimeout_ms = 2000\np95_ms = 1000\n\n[health]\nalert_p95_ms = 2000\n"),
    ("[rollback]\n", "[rollback]\np95_ms = 1500\n"),
];

/// The folders of a server, which outlive its processes.
pub(crate) struct World {
    folder: TempDir,
}

/// A running server.
pub(crate) struct Server {
    process: Process,
    /// `host:port` for clients.
    pub(crate) public: String,
    /// `host:port` for operators.
    pub(crate) admin: String,
    client: AdminClient,
}

impl World {
    /// A knowledge base, a configuration, and nothing else.
    pub(crate) fn new() -> Self {
        // A second test of the process finds the provider installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        knowledge::write(&folder.path().join("kb"));
        let shipped = workspace().join("deploy-plans/demo/server.toml");
        let mut config = fs::read_to_string(shipped).unwrap();
        for (from, to) in CONFIG {
            assert!(config.contains(from), "the demo's server.toml has no `{from}`");
            config = config.replace(from, to);
        }
        config.push_str("\n[limits]\nenhancement_timeout_ms = 2000\n");
        fs::write(folder.path().join("server.toml"), config).unwrap();
        Self { folder }
    }

    /// The same for a phase: Phase 3 begins with everybody on Tier 1, as Phase 2 leaves a server.
    pub(crate) fn before_phase(number: usize) -> Self {
        let world = Self::new();
        if number == 3 {
            world.configure("enabled = false", "enabled = true");
        }
        world
    }

    /// Replaces a part of the configuration, which has to be there.
    pub(crate) fn configure(&self, from: &str, to: &str) {
        let config = fs::read_to_string(self.path("server.toml")).unwrap();
        assert!(config.contains(from), "the configuration has no `{from}`: {config}");
        fs::write(self.path("server.toml"), config.replace(from, to)).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a server on any free ports.
    pub(crate) fn serve(&self) -> Server {
        self.serve_at("127.0.0.1:0", "127.0.0.1:0")
    }

    /// Starts a server, and waits until it says where it listens.
    pub(crate) fn serve_at(&self, public: &str, admin: &str) -> Server {
        let log = File::options().create(true).append(true).open(self.path("server.log")).unwrap();
        let mut command = clean(&program("find-facts-server"), self);
        command.arg("serve").arg("--kb").arg(self.path("kb")).arg("--state").arg(self.path("state"));
        command.arg("--config").arg(self.path("server.toml"));
        command.args(["--listen", public, "--admin-listen", admin]);
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let process = Process(child);
        let mut addresses = line.split("http://").skip(1).map(|part| part.split([',', '\n']).next().unwrap());
        let (Some(public), Some(admin)) = (addresses.next(), addresses.next()) else {
            panic!("the server did not start: {}", self.server_log())
        };
        let client = AdminClient::new(format!("http://{admin}").parse().unwrap(), None).unwrap();
        Server { process, public: public.to_owned(), admin: admin.to_owned(), client }
    }

    /// What its servers said last.
    pub(crate) fn server_log(&self) -> String {
        self.end_of("server.log")
    }

    /// The last lines of a log, enough to see what went wrong.
    pub(crate) fn end_of(&self, log: &str) -> String {
        let text = fs::read_to_string(self.path(log)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Server {
    /// Ends it as a crash would.
    pub(crate) fn kill(self) {
        self.process.kill();
    }

    pub(crate) fn client(&self) -> &AdminClient {
        &self.client
    }

    /// Tier 1's flag, as it is in force.
    pub(crate) fn tier1(&self) -> FlagState {
        self.flag(Tier::Tier1)
    }

    /// A tier's flag, as it is in force.
    pub(crate) fn flag(&self, tier: Tier) -> FlagState {
        let document: FlagDocument = self.client.get("/admin/v1/flags").unwrap();
        document.flags.get(tier.flag()).cloned().unwrap_or_default()
    }

    /// How it is.
    pub(crate) fn health(&self) -> HealthReport {
        self.client.get("/admin/v1/health").unwrap()
    }

    /// The first thousand events after this number.
    pub(crate) fn events_after(&self, number: u64) -> Vec<Event> {
        let url = format!("http://{}/admin/v1/events?since={number}", self.admin);
        let client = Client::builder().no_proxy().build().unwrap();
        // Who does not say which form gets the stream, which has no end.
        let list: EventList =
            client.get(url).header("accept", "application/json").send().unwrap().json().unwrap();
        list.events
    }

    /// Waits until a tier is ready.
    pub(crate) fn await_ready(&self, tier: Tier) {
        // Several times as long as loading and embedding take.
        let end = Instant::now() + Duration::from_secs(60);
        while self.health().tiers.get(&tier).is_none_or(|tier| tier.state != TierState::Ready) {
            assert!(Instant::now() < end, "{tier} does not get ready: {:#?}", self.health().tiers.get(&tier));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Every generation, oldest first, without what differs from run to run: its time, and the run's own name.
    pub(crate) fn generations(&self) -> Vec<GenerationRecord> {
        let history: FlagHistory = self.client.get("/admin/v1/flags/history").unwrap();
        let unnamed = |record: GenerationRecord| GenerationRecord {
            time_ms: 0,
            by: record.by.split(' ').next().unwrap_or_default().to_owned(),
            idempotency_key: record.idempotency_key.and_then(|key| Some(key.split_once('/')?.1.to_owned())),
            ..record
        };
        history.generations.into_iter().map(unnamed).collect()
    }

    /// The process, for whoever is to kill it.
    pub(crate) fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Asserts that nothing is left of a run but what it has done: the server knows its end and is free.
    pub(crate) fn is_left_in_order(&self) {
        let rollout: RolloutState = self.client.get("/admin/v1/rollout").unwrap();
        assert_eq!(rollout.progress.map(|progress| progress.status), Some(RunStatus::Completed));
        let lease: Option<Lease> = self.client.get("/admin/v1/lease").unwrap();
        assert_eq!(lease, None);
    }

    /// Lets a share of Tier 1's runs fail.
    pub(crate) fn fail_tier1(&self, share: f64) {
        self.strike_tier1(FaultKind::Error, share);
    }

    /// Lets a share of Tier 1's runs suffer a fault.
    pub(crate) fn strike_tier1(&self, kind: FaultKind, share: f64) {
        let faults = Faults { faults: vec![Fault { tier: Tier::Tier1, kind, share }] };
        let _in_force: Faults = self.client.put("/admin/v1/faults", &faults).unwrap();
    }

    /// Waits until Tier 1 reaches this share of callers.
    pub(crate) fn await_percentage(&self, percentage: f64) {
        // Several times as long as the whole phase takes.
        let end = Instant::now() + Duration::from_secs(150);
        let reaches = |tier1: FlagState| tier1.enabled && f64::from(tier1.percentage) >= percentage;
        while !reaches(self.tier1()) {
            assert!(Instant::now() < end, "tier 1 does not reach {percentage} % of callers");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A command that sees nothing of this process's environment but the models.
pub(crate) fn clean(program: &Path, world: &World) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", world.path("user"))
        .env("FIND_FACTS_HOME", home());
    command.current_dir(world.path(".")).stdin(Stdio::null());
    command
}
