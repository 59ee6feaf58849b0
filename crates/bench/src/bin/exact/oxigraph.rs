//! Oxigraph's HTTP server, as its Python wheel ships it, asked in SPARQL.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use find_facts_bench::drive::Client;
use find_facts_bench::http::Request;
use find_facts_bench::program::{Program, free_address, listens, run};

use crate::facts::{Facts, Query};
use crate::peer::{HttpClient, Peer, Requests};

/// The wheel that was measured.
const WHEEL: &str = "oxigraph==0.5.13";

/// A server with the facts loaded.
pub(crate) struct Oxigraph {
    address: SocketAddr,
    requests: Requests,
    _program: Program,
}

impl Oxigraph {
    /// Gets the wheel once, loads the facts and serves them.
    pub(crate) fn start(cache: &Path, work: &Path, facts: Facts, queries: &[Query]) -> Result<Self> {
        let program = wheel(cache)?;
        let (triples, location) = (work.join("facts.nt"), work.join("oxigraph"));
        facts.write(&triples, |fact| {
            format!("<{}> <{}> \"{}\" .", iri(&fact.subject), iri(fact.predicate), fact.object)
        })?;
        run(Command::new(&program).arg("load").arg("--location").arg(&location).arg("--file").arg(&triples))?;
        let address = free_address()?;
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM"]).arg(&program);
        command.arg("serve").arg("--location").arg(&location).arg("--bind").arg(address.to_string());
        let mut program = Program::start(&mut command)?;
        program.wait(Duration::from_secs(30), || listens(address))?;
        let requests = queries.iter().map(|query| (request(query), query.object.clone())).collect();
        Ok(Self { address, requests, _program: program })
    }
}

fn iri(name: &str) -> String {
    format!("urn:x:{}", name.replace(' ', "_"))
}

fn request(query: &Query) -> Request {
    let sparql =
        format!("SELECT ?o WHERE {{ <{}> <{}> ?o }} LIMIT 10", iri(&query.subject), iri(query.predicate));
    Request::new("POST", "/query", "application/sparql-query", "application/sparql-results+json", &sparql)
}

fn wheel(cache: &Path) -> Result<PathBuf> {
    let folder = cache.join(WHEEL);
    let program = folder.join("oxigraph-0.5.13.data/scripts/oxigraph");
    if !program.is_file() {
        std::fs::create_dir_all(&folder)?;
        run(Command::new("python3")
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"])
            .arg(&folder)
            .arg(WHEEL))?;
        for entry in std::fs::read_dir(&folder)? {
            run(Command::new("python3")
                .args(["-m", "zipfile", "--extract"])
                .arg(entry?.path())
                .arg(&folder))?;
        }
        run(Command::new("chmod").arg("+x").arg(&program))?;
    }
    Ok(program)
}

impl Peer for Oxigraph {
    fn name(&self) -> &str {
        "Oxigraph 0.5 over HTTP"
    }

    fn client(&self) -> Result<Box<dyn Client>> {
        HttpClient::open(self.address, &self.requests)
    }
}
