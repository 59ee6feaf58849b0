//! A small server that speaks as much of the admin API as a run needs. Its knobs make runs end in every way.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use find_facts_api::Problem;
use find_facts_api::admin::{
    ATTEMPTS, FlagDocument, FlagHistory, FlagsWritten, GenerationRecord, KbSample, Lease, LeaseRequest,
    ModelList, ModelMemory, ModelState, ModelStatus, MonitoringPart, PullRequest, ReloadRequest,
    SampledEntity, ServerInfo, StoreSchema, TierParams,
};
use find_facts_api::rollout::{PendingCommand, RolloutState, RolloutWrite};
use find_facts_core::health::Totals;
use find_facts_core::{
    Cohort, Fact, FlagKey, FlagSet, FlagState, Generation, KbVersion, Part, Percent, Tier,
};
use find_facts_testkit::healthy_report;
use serde::Serialize;
use serde_json::{Value, json};

/// What can be wrong with the server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Knobs {
    pub(crate) no_facts: bool,
    /// Answers by the name of `exact` differ from those to callers.
    pub(crate) differs: bool,
    /// Every attempt of the canary fails.
    pub(crate) fails: bool,
    /// A run that holds the server.
    pub(crate) held_by: Option<&'static str>,
    /// Its models' licence has to be accepted.
    pub(crate) asks_to_accept: bool,
    /// Tier 1 is in production, as Phase 3 needs it.
    pub(crate) has_tier1: bool,
    /// This much memory is left, 10⁶ bytes.
    pub(crate) short_of_memory: Option<u64>,
    /// The token asked for.
    pub(crate) token: Option<&'static str>,
}

struct World {
    knobs: Knobs,
    history: Vec<GenerationRecord>,
    lease: Option<Lease>,
    rollout: RolloutState,
    canary: Totals,
    accepted: bool,
    loads: u64,
    ordered: u64,
    started: std::time::Instant,
}

/// A server on a port of its own, for as long as the test's process lives.
pub(crate) struct Fake {
    pub(crate) address: SocketAddr,
}

impl Fake {
    pub(crate) fn start(knobs: Knobs) -> Self {
        let lease = knobs.held_by.map(|run| Lease {
            run: run.to_owned(),
            holder: "elsewhere/1".to_owned(),
            expires_ms: u64::MAX,
        });
        let mut first = record(1, FlagSet::all_off(), "configuration", None);
        if knobs.has_tier1 {
            let everybody = FlagState { enabled: true, percentage: Percent::HUNDRED, segments: Vec::new() };
            first.flags.0.insert(FlagKey::Tier1EntityLinking, everybody);
            first.tiers.insert(Tier::Tier1, TierParams::default());
        }
        let world = World {
            knobs,
            history: vec![first],
            lease,
            rollout: RolloutState::default(),
            canary: Totals::default(),
            accepted: false,
            loads: 0,
            ordered: 0,
            started: std::time::Instant::now(),
        };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(Arc::new(Mutex::new(world)));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        Self { address }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn record(number: u64, flags: FlagSet, by: &str, key: Option<String>) -> GenerationRecord {
    GenerationRecord {
        generation: Generation(number),
        flags,
        tiers: Default::default(),
        by: by.to_owned(),
        reason: String::new(),
        time_ms: 0,
        idempotency_key: key,
    }
}

async fn answer(State(world): State<Arc<Mutex<World>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let header = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let key = header("idempotency-key");
    let mut world = world.lock().unwrap();
    if world.knobs.token.is_some_and(|token| header("authorization") != Some(format!("Bearer {token}"))) {
        return problem(Problem::new(
            401,
            "token-required",
            "The admin listener asks for its token",
            "send it",
        ));
    }
    match (parts.method.as_str(), parts.uri.path()) {
        ("GET", "/admin/v1/info") => ok(&ServerInfo {
            version: "0.0.0".to_owned(),
            monitoring: vec![MonitoringPart::Metrics, MonitoringPart::Alerts],
            store: StoreSchema { version: 1, latest: 1 },
        }),
        ("GET", "/metrics") => "find_facts_up 1\n".into_response(),
        ("GET", "/admin/v1/health") => world.health(),
        ("GET", "/admin/v1/flags") => ok(&world.flags()),
        ("GET", "/admin/v1/flags/history") => ok(&FlagHistory { generations: world.history.clone() }),
        ("POST", "/admin/v1/reload") => world.reload(&body, key),
        ("POST", "/admin/v1/rollback") => world.roll_back(key),
        ("GET", "/admin/v1/models") => ok(&world.models()),
        ("POST", "/admin/v1/store/migrate") => ok(&StoreSchema { version: 1, latest: 1 }),
        ("GET", "/admin/v1/kb/sample") => ok(&KbSample { version: KbVersion(1), entities: towns() }),
        ("POST", "/admin/v1/find_facts") => world.find_facts(&body),
        ("GET", "/admin/v1/lease") => ok(&world.lease),
        ("PUT", "/admin/v1/lease") => world.hold(&body),
        ("GET", "/admin/v1/rollout") => ok(&world.rollout),
        ("PUT", "/admin/v1/rollout") => world.write_rollout(&body),
        ("POST", "/admin/v1/models/minilm/load") => {
            world.loads += 1;
            ok(&json!({}))
        }
        (method, path) if path.ends_with("/pull") && method == "POST" => world.pull(&body),
        _ => problem(Problem::new(404, "not-found", "There is nothing at this path", parts.uri.path())),
    }
}

impl World {
    fn newest(&self) -> &GenerationRecord {
        self.history.last().unwrap()
    }

    fn flags(&self) -> FlagDocument {
        let newest = self.newest();
        FlagDocument {
            generation: newest.generation,
            flags: newest.flags.clone(),
            tiers: newest.tiers.clone(),
            masks: Vec::new(),
        }
    }

    /// Between two looks the canary has made a hundred attempts.
    fn health(&mut self) -> Response {
        let failed = if self.knobs.fails { 100 } else { 0 };
        self.canary.attempts += 100;
        self.canary.errors += failed;
        self.canary.latency_us = vec![[2000, self.canary.attempts]];
        let mut report = healthy_report();
        report.generation = self.newest().generation;
        report.window.seconds = 1.0;
        report.kb.facts = if self.knobs.no_facts { 0 } else { 20 };
        report.time_ms = 0;
        report.uptime_seconds = self.started.elapsed().as_secs_f64();
        if let Some(left) = self.knobs.short_of_memory {
            report.memory.available_bytes = left * 1_000_000;
        }
        for tier in [Tier::Tier1, Tier::Tier2] {
            if let Some(canary) = report.tiers.get_mut(&tier).and_then(|t| t.cohorts.get_mut(&Cohort::Canary))
            {
                canary.totals = self.canary.clone();
            }
        }
        ok(&report)
    }

    fn reload(&mut self, body: &Bytes, key: Option<String>) -> Response {
        let request: ReloadRequest = serde_json::from_slice(body).unwrap();
        let known = self.history.iter().find(|record| key.is_some() && record.idempotency_key == key);
        if let Some(record) = known {
            return ok(&FlagsWritten { generation: record.generation, changed: false });
        }
        let newest = self.newest().clone();
        if request.expect_generation != newest.generation {
            return problem(Problem::new(
                412,
                "generation-conflict",
                "Another generation is in force",
                "raced",
            ));
        }
        let mut next = GenerationRecord {
            generation: newest.generation.next(),
            by: "run".to_owned(),
            idempotency_key: key,
            ..newest
        };
        next.flags.0.extend(request.flags.unwrap_or_default().0);
        for (tier, params) in request.tiers.unwrap_or_default() {
            match params {
                Some(params) => drop(next.tiers.insert(tier, params)),
                None => drop(next.tiers.remove(&tier)),
            }
        }
        self.history.push(next);
        ok(&FlagsWritten { generation: self.newest().generation, changed: true })
    }

    fn roll_back(&mut self, key: Option<String>) -> Response {
        let number = self.newest().generation.next().0;
        self.history.push(record(number, FlagSet::all_off(), "operator", key));
        ok(&FlagsWritten { generation: Generation(number), changed: true })
    }

    fn hold(&mut self, body: &Bytes) -> Response {
        let request: LeaseRequest = serde_json::from_slice(body).unwrap();
        if let Some(other) = self.lease.as_ref().filter(|lease| lease.run != request.run) {
            let held = Problem::new(409, "lease-held", "Another run holds the server", "it is held");
            return problem(held.with("current", serde_json::to_value(other).unwrap()));
        }
        let Lease { .. } =
            self.lease.insert(Lease { run: request.run, holder: request.holder, expires_ms: u64::MAX });
        if request.ttl_seconds == 0.0 {
            self.lease = None;
        }
        ok(&self.lease)
    }

    fn write_rollout(&mut self, body: &Bytes) -> Response {
        match serde_json::from_slice(body).unwrap() {
            RolloutWrite::Report { progress, acknowledge } => {
                self.rollout.commands.retain(|command| command.id > acknowledge);
                self.rollout.progress = Some(progress);
            }
            RolloutWrite::Command { command, by } => {
                let Some(lease) = &self.lease else {
                    return problem(Problem::new(409, "no-run", "There is no run to command", "no run"));
                };
                self.ordered += 1;
                let id = self.ordered;
                self.rollout.commands.push(PendingCommand { id, command, run: lease.run.clone(), by });
            }
        }
        ok(&self.rollout)
    }

    fn pull(&mut self, body: &Bytes) -> Response {
        let request: PullRequest = serde_json::from_slice(body).unwrap();
        self.accepted |= request.accept_licence;
        ok(&json!({}))
    }

    fn models(&self) -> ModelList {
        let is_refused = self.knobs.asks_to_accept && !self.accepted;
        let refusal = || "the licence has not been accepted".to_owned();
        let model = ModelStatus {
            id: "minilm".to_owned(),
            licence: "Apache-2.0".to_owned(),
            state: if is_refused { ModelState::Failed } else { ModelState::Verified },
            bytes: 23_400_000,
            total_bytes: Some(23_400_000),
            pinned: true,
            error: is_refused.then(refusal),
            memory: (self.loads > 0).then_some(ModelMemory::Loaded { bytes: 98_000_000, load_ms: 150.0 }),
        };
        ModelList { models: vec![model] }
    }

    /// A name in another case, and a question that names a town, are found by every mode but `exact`.
    fn find_facts(&self, body: &Bytes) -> Response {
        let request: Value = serde_json::from_slice(body).unwrap();
        let mode = request["enhancement_mode"].as_str();
        let question = request["query"]["text"].as_str();
        let given = question.or(request["query"]["subject"].as_str()).unwrap_or_default();
        let links = mode.is_some_and(|mode| mode != "exact");
        let is_meant = |town: &SampledEntity| match question {
            Some(question) => links && question.ends_with(&format!("{}?", town.name)),
            None => *given == *town.name || links && given.eq_ignore_ascii_case(&town.name),
        };
        let found = towns().into_iter().find(is_meant);
        let link = found.as_ref().filter(|town| *given != *town.name).map(|town| {
            json!({"part": "subject", "given": given, "entity": town.name, "confidence": 0.9, "by": "normalized"})
        });
        let facts: Vec<Value> = found
            .iter()
            .flat_map(|town| &town.facts)
            .map(|fact| json!({"subject": fact.subject, "predicate": fact.predicate, "object": fact.object, "confidence": 1.0}))
            .collect();
        let message = if self.knobs.differs && mode == Some("exact") { "otherwise" } else { "as ever" };
        let mut data = json!({"facts": facts, "count": facts.len(), "limit": 100, "query": request["query"]});
        if let Some(link) = link {
            data["enhancement"] = json!({
                "mode_asked": "entity_linked", "mode_served": "entity_linked", "linked": [link],
                "expanded": [{"given": "where", "predicate": "lies in", "direction": "forward", "confidence": 0.9, "by": "lexical"}],
                "answers": [], "details": [], "cache": "miss", "models": [], "ms": 1.0
            });
        }
        let tier = match mode {
            Some("entity_linked") => Some("tier1"),
            Some("semantic_expanded") => Some("tier2"),
            _ => None,
        };
        let attempts: Vec<Value> =
            tier.into_iter().map(|tier| json!({"tier": tier, "result": "ok"})).collect();
        let mut response = ok(&json!({"data": data, "message": message, "suggestions": []}));
        let attempts = HeaderValue::try_from(json!(attempts).to_string()).unwrap();
        response.headers_mut().insert(ATTEMPTS, attempts);
        response
    }
}

fn towns() -> Vec<SampledEntity> {
    let town = |number: usize| {
        let name: Arc<str> = format!("Town {number}").into();
        let facts = vec![Fact::new(name.clone(), "lies in", "Land")];
        SampledEntity { name, aliases: Vec::new(), part: Part::Subject, facts, wordings: Vec::new() }
    };
    (0..20).map(town).collect()
}

fn ok(document: &impl Serialize) -> Response {
    serde_json::to_vec(document).unwrap().into_response()
}

fn problem(problem: Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap();
    (status, serde_json::to_vec(&problem).unwrap()).into_response()
}
