//! `cargo xtask bench exact`: exact queries side by side, in one run over the same facts, and how ours grows with them.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program's output")]

mod facts;
mod memory;
mod ours;
mod oxigraph;
mod peer;
mod postgres;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use find_facts_bench::drive::{Figures, measure, median};

use facts::Facts;
use memory::Memory;
use ours::Ours;
use oxigraph::Oxigraph;
use peer::Peer;
use postgres::Postgres;

/// Exact queries, side by side.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Measure.
    Run(RunArgs),
    /// The bare handler's own process.
    #[command(hide = true)]
    Bare {
        #[arg(long)]
        listen: SocketAddr,
        #[arg(long)]
        answers: PathBuf,
    },
}

#[derive(Debug, Args)]
struct RunArgs {
    /// The server's program.
    #[arg(long)]
    server: PathBuf,
    /// Where packages of the other servers are kept from one run to the next.
    #[arg(long)]
    cache: PathBuf,
    /// How many facts all servers hold.
    #[arg(long, default_value_t = 100_000)]
    facts: usize,
    /// How many clients ask at the same time.
    #[arg(long, default_value_t = 4)]
    clients: usize,
    /// Seconds of one round; all servers take turns, round by round.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Rounds, of which the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// More than a processor's caches hold answers for, and fewer than a slow server gets through in a run.
const QUERIES: usize = 5000;

fn main() -> ExitCode {
    let done = match Arguments::parse().what {
        What::Run(arguments) => run(&arguments),
        What::Bare { listen, answers } => ours::serve_bare(listen, &answers),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &RunArgs) -> Result<()> {
    std::fs::create_dir_all(&arguments.cache)?;
    side_by_side(arguments)?;
    println!("\ngrowth: exact queries of find-facts");
    println!(
        "{:>9}  {:>11}  {:>9}  {:>9}  {:>9}  {:>8}",
        "facts", "first start", "restart", "p50", "p99", "PSS"
    );
    for count in [10_000, 100_000, 1_000_000] {
        growth(arguments, count)?;
    }
    Ok(())
}

fn side_by_side(arguments: &RunArgs) -> Result<()> {
    let facts = Facts { count: arguments.facts };
    let queries = facts.queries(QUERIES.min(facts.count));
    let folder = tempfile::tempdir()?;
    let work = folder.path();
    let ours = Ours::start(&arguments.server, work, facts, &queries)?;
    let bare = Ours::bare(&ours, work, &queries)?;
    let mut peers: Vec<Box<dyn Peer>> = vec![Box::new(ours), Box::new(bare)];
    add(&mut peers, "PostgreSQL 15", Postgres::start(facts, &queries));
    add(&mut peers, "Oxigraph", Oxigraph::start(&arguments.cache, work, facts, &queries));
    add(&mut peers, "MCP memory server", Memory::start(&arguments.cache, work, facts, &queries));

    println!(
        "{} facts, {} clients, median of {} rounds of {} s",
        facts.count, arguments.clients, arguments.rounds, arguments.seconds
    );
    println!("{:<30} {:>10} {:>10} {:>12}", "", "p50", "p99", "answers/s");
    let peers: Vec<&dyn Peer> = peers.iter().map(|peer| &**peer).collect();
    for (peer, figures) in peers.iter().zip(rounds(arguments, &peers, queries.len())?) {
        println!(
            "{:<30} {:>10} {:>10} {:>12.0}",
            peer.name(),
            time(figures.p50),
            time(figures.p99),
            figures.per_second
        );
    }
    Ok(())
}

fn add<P: Peer + 'static>(peers: &mut Vec<Box<dyn Peer>>, name: &str, started: Result<P>) {
    match started {
        Ok(peer) => peers.push(Box::new(peer)),
        Err(error) => println!("{name} is left out: {error:#}"),
    }
}

/// All peers take turns in every round, so that a busy moment of the machine hits each alike.
fn rounds(arguments: &RunArgs, peers: &[&dyn Peer], queries: usize) -> Result<Vec<Figures>> {
    let mut figures: Vec<Vec<Figures>> = vec![Vec::new(); peers.len()];
    for round in 0..=arguments.rounds {
        for (peer, figures) in peers.iter().zip(&mut figures) {
            let mut clients = (0..arguments.clients).map(|_| peer.client()).collect::<Result<Vec<_>>>()?;
            let seen = measure(&mut clients, queries, Duration::from_secs_f64(arguments.seconds))?;
            // The first round warms up.
            if round > 0 {
                figures.push(seen);
            }
        }
    }
    Ok(figures.iter().filter_map(|rounds| median(rounds)).collect())
}

fn growth(arguments: &RunArgs, count: usize) -> Result<()> {
    let facts = Facts { count };
    let queries = facts.queries(QUERIES);
    let folder = tempfile::tempdir()?;
    let first = start(arguments, folder.path(), facts, &queries)?.start_up;
    let again = start(arguments, folder.path(), facts, &queries)?;
    let figures = rounds(arguments, &[&again], queries.len())?;
    let megabytes = again.program.memory()? as f64 / 1e6;
    for figures in figures {
        println!(
            "{count:>9}  {:>11}  {:>9}  {:>9}  {:>9}  {megabytes:>5.0} MB",
            time(first),
            time(again.start_up),
            time(figures.p50),
            time(figures.p99)
        );
    }
    Ok(())
}

fn start(arguments: &RunArgs, work: &Path, facts: Facts, queries: &[facts::Query]) -> Result<Ours> {
    Ours::start(&arguments.server, work, facts, queries)
}

fn time(length: Duration) -> String {
    match length.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.2} s"),
        seconds if seconds >= 1e-3 => format!("{:.2} ms", seconds * 1e3),
        seconds => format!("{:.0} µs", seconds * 1e6),
    }
}
