//! Our own server, and the bare handler that it is held against: axum, a map from body to bytes, and nothing else.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use find_facts_bench::drive::Client;
use find_facts_bench::http::{Connection, Request};
use find_facts_bench::program::{Program, free_address, listens};
use find_facts_bench::server::{FIND_FACTS, Server, Tiers};

use crate::facts::{Facts, Query};
use crate::peer::{HttpClient, Peer, Requests};

/// A server that answers `find_facts`.
pub(crate) struct Ours {
    name: &'static str,
    address: SocketAddr,
    pub(crate) program: Program,
    /// From the start of the program until exact queries are answered.
    pub(crate) start_up: Duration,
    requests: Requests,
}

fn body(query: &Query) -> String {
    serde_json::json!({ "query": { "subject": query.subject, "predicate": query.predicate } }).to_string()
}

fn requests(queries: &[Query]) -> Requests {
    queries
        .iter()
        .map(|query| (Request::json("POST", FIND_FACTS, &body(query)), query.object.clone()))
        .collect()
}

impl Ours {
    /// Starts the server on a folder of these facts, which is written if it is not there.
    pub(crate) fn start(server: &Path, work: &Path, facts: Facts, queries: &[Query]) -> Result<Self> {
        let (kb, state) = (work.join("kb"), work.join("state"));
        if !kb.exists() {
            facts.write_folder(&kb)?;
        }
        let Server { program, public, start_up, .. } = Server::start(server, &kb, &state, Tiers::Off)?;
        Ok(Self { name: "find-facts", address: public, program, start_up, requests: requests(queries) })
    }

    /// Starts the bare handler with the bytes that our server gives to the same requests.
    pub(crate) fn bare(ours: &Ours, work: &Path, queries: &[Query]) -> Result<Self> {
        let mut connection = Connection::open(ours.address)?;
        let mut answers = HashMap::new();
        for (query, (request, _)) in queries.iter().zip(ours.requests.iter()) {
            let (_, bytes) = connection.send(request)?;
            answers.insert(body(query), String::from_utf8(bytes.to_vec())?);
        }
        let file = work.join("answers.json");
        std::fs::write(&file, serde_json::to_vec(&answers)?)?;
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare").arg("--listen").arg(address.to_string()).arg("--answers").arg(&file);
        let mut program = Program::start(&mut command)?;
        let start_up = program.wait(Duration::from_secs(30), || listens(address))?;
        Ok(Self { name: "bare axum handler", address, program, start_up, requests: requests(queries) })
    }
}

impl Peer for Ours {
    fn name(&self) -> &str {
        self.name
    }

    fn client(&self) -> Result<Box<dyn Client>> {
        HttpClient::open(self.address, &self.requests)
    }
}

/// The bare handler's own process.
pub(crate) fn serve_bare(listen: SocketAddr, answers: &Path) -> Result<()> {
    let text = std::fs::read(answers).with_context(|| format!("cannot read `{}`", answers.display()))?;
    let answers: HashMap<String, String> = serde_json::from_slice(&text)?;
    let answers: HashMap<Bytes, Bytes> =
        answers.into_iter().map(|(body, answer)| (body.into(), answer.into())).collect();
    let answers = Arc::new(answers);
    let handler = move |body: Bytes| {
        let answers = answers.clone();
        async move {
            match answers.get(&body) {
                Some(answer) => (StatusCode::OK, [("content-type", "application/json")], answer.clone()),
                None => (StatusCode::NOT_FOUND, [("content-type", "application/json")], Bytes::new()),
            }
        }
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await?;
        axum::serve(listener, Router::new().route(FIND_FACTS, post(handler))).await?;
        bail!("the bare handler stopped")
    })
}
