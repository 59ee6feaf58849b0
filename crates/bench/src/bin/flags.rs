//! `cargo xtask bench flags`: how soon a change of the flags is seen by a caller, and whether anybody notices the change
//! itself. Tier 1 is switched on and off while callers ask for a name that only Tier 1 knows.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program's output")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Parser;
use find_facts_bench::http::{Connection, Request};
use find_facts_bench::server::{FIND_FACTS, Operator, Server, Tiers, VECTORS};
use serde_json::{Value, json};

/// Flag changes under traffic.
#[derive(Debug, Parser)]
struct Arguments {
    /// The server's program.
    #[arg(long)]
    server: PathBuf,
    /// A knowledge base folder.
    #[arg(long)]
    kb: PathBuf,
    /// Vectors of its names, as a server has kept them; without them they are computed first.
    #[arg(long)]
    vectors: Option<PathBuf>,
    /// An alias of that knowledge base.
    #[arg(long)]
    alias: String,
    /// How often the flags change.
    #[arg(long, default_value_t = 200)]
    changes: usize,
    /// How many requests callers send meanwhile, at least.
    #[arg(long, default_value_t = 10_000)]
    requests: u64,
}

/// Callers beside the one that looks for the change.
const CALLERS: usize = 3;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let state = tempfile::tempdir()?;
    if let Some(vectors) = &arguments.vectors {
        std::fs::copy(vectors, state.path().join(VECTORS))
            .with_context(|| format!("cannot copy `{}`", vectors.display()))?;
    }
    let server = Server::start(&arguments.server, &arguments.kb, state.path(), Tiers::Default)?;
    let mut operator = server.operator()?;
    operator.load_tier1()?;
    operator.wait_for("tier1")?;

    let query = json!({ "query": { "subject": arguments.alias } }).to_string();
    let query = Request::json("POST", FIND_FACTS, &query);
    let traffic = Traffic::default();
    let seen = std::thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| traffic.send(server.public, &query));
        }
        let seen = change(&mut operator, arguments.changes, server.public, &query);
        while seen.is_ok() && traffic.sent() < arguments.requests {
            std::thread::sleep(Duration::from_millis(10));
        }
        traffic.stop.store(true, Ordering::Relaxed);
        seen
    })?;
    report(seen, &traffic)
}

fn report(mut seen: Vec<Duration>, traffic: &Traffic) -> Result<()> {
    seen.sort_unstable();
    let quantile =
        |share: f64| seen.get(((seen.len() - 1) as f64 * share) as usize).copied().unwrap_or_default();
    let failed = traffic.failed.load(Ordering::Relaxed);
    println!("{} changes, from sending one to the first answer that shows it:", seen.len());
    println!(
        "p50 {:.2} ms, p99 {:.2} ms",
        1e3 * quantile(0.5).as_secs_f64(),
        1e3 * quantile(0.99).as_secs_f64()
    );
    println!("{} requests meanwhile, {failed} failed", traffic.sent());
    if failed > 0 {
        bail!("{failed} requests failed while the flags changed");
    }
    Ok(())
}

#[derive(Default)]
struct Traffic {
    sent: AtomicU64,
    failed: AtomicU64,
    stop: AtomicBool,
}

impl Traffic {
    fn send(&self, public: SocketAddr, query: &Request) {
        let mut connection = None;
        while !self.stop.load(Ordering::Relaxed) {
            let status = ask(&mut connection, public, query);
            self.sent.fetch_add(1, Ordering::Relaxed);
            if !matches!(status, Ok(200)) {
                self.failed.fetch_add(1, Ordering::Relaxed);
                connection = None;
            }
        }
    }

    fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

fn ask(connection: &mut Option<Connection>, public: SocketAddr, query: &Request) -> Result<u16> {
    let open = match connection.take() {
        Some(open) => open,
        None => Connection::open(public)?,
    };
    Ok(connection.insert(open).send(query)?.0)
}

/// Switches Tier 1 off and on again; for each switch, how long until an answer showed it.
fn change(
    operator: &mut Operator,
    changes: usize,
    public: SocketAddr,
    query: &Request,
) -> Result<Vec<Duration>> {
    let mut caller = Connection::open(public)?;
    let current = operator.generation()?;
    let mut generation = operator.set_tier1(&current, Some(100.0))?;
    let mut seen = Vec::with_capacity(changes);
    for number in 0..changes {
        let on = number % 2 == 1;
        let sent = Instant::now();
        generation = operator.set_tier1(&generation, on.then_some(100.0))?;
        loop {
            let (status, bytes) = caller.send(query)?;
            if status == 200 && is_enhanced(bytes) == on {
                break;
            }
            if sent.elapsed() > Duration::from_secs(5) {
                bail!("change {number} is not seen after 5 s");
            }
        }
        seen.push(sent.elapsed());
    }
    Ok(seen)
}

fn is_enhanced(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Value>(bytes).is_ok_and(|answer| !answer["data"]["enhancement"].is_null())
}
