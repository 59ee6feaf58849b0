//! `cargo xtask bench tier1`: what entity linking adds to a request by each means, what its model and its search cost, what it
//! takes in memory, and how long a server takes until it has it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program's output")]

mod added;
mod engine;
mod mentions;
mod starts;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use find_facts_bench::server::{Server, Tiers, VECTORS};

/// Entity linking, measured.
#[derive(Debug, Parser)]
struct Arguments {
    /// The server's program.
    #[arg(long)]
    server: PathBuf,
    /// A knowledge base folder.
    #[arg(long)]
    kb: PathBuf,
    /// The folder of models that set-up fills.
    #[arg(long)]
    home: PathBuf,
    /// Vectors of its names, as a server has kept them. With them, a first start is watched for twenty seconds; without, until it
    /// has computed them.
    #[arg(long)]
    vectors: Option<PathBuf>,
    /// How many mentions of each kind are made from the knowledge base.
    #[arg(long, default_value_t = 600)]
    mentions: usize,
    /// Which mentions.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Long enough to see what the computing of vectors costs those who ask meanwhile.
const WATCHED: Duration = Duration::from_secs(20);

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
    let start = || Server::start(&arguments.server, &arguments.kb, state.path(), Tiers::Default);
    starts::first(start()?, arguments.vectors.as_ref().map(|_| WATCHED))?;
    if let Some(vectors) = &arguments.vectors {
        std::fs::copy(vectors, state.path().join(VECTORS))
            .with_context(|| format!("cannot copy `{}`", vectors.display()))?;
    }
    let server = starts::again(start()?)?;
    added::measure(&server, arguments.seed, arguments.mentions)?;
    println!("memory with Tier 1 ready and asked: {:.0} MB PSS", server.program.memory()? as f64 / 1e6);
    drop(server);
    engine::measure(&arguments.home, &state.path().join(VECTORS), &mentions::names(&arguments.kb)?)
}
