//! `cargo xtask bench tier2`: what semantic expansion adds to a request, cold and warm and where the language model is asked, what
//! it takes in memory, and what exact queries notice of it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program's output")]

mod added;
mod hold;
mod interference;
mod rows;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use find_facts_bench::server::{Server, Tiers, VECTORS};
use serde_json::Value;

/// Semantic expansion, measured.
#[derive(Debug, Parser)]
struct Arguments {
    /// The server's program.
    #[arg(long)]
    server: PathBuf,
    /// A knowledge base folder.
    #[arg(long)]
    kb: PathBuf,
    /// Rows of a suite with questions and wordings, as JSON Lines.
    #[arg(long)]
    questions: PathBuf,
    /// The language model, a key of the catalogue.
    #[arg(long)]
    model: String,
    /// The server's configuration, for a catalogue of one's own.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Vectors of the names, as a server has kept them; without them the server computes them first.
    #[arg(long)]
    vectors: Option<PathBuf>,
    /// Go on asking for so many minutes, and see what memory becomes of.
    #[arg(long, default_value_t = 0)]
    hold: u64,
}

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
    let rows = rows::read(&arguments.questions)?;
    let state = tempfile::tempdir()?;
    if let Some(vectors) = &arguments.vectors {
        std::fs::copy(vectors, state.path().join(VECTORS))
            .with_context(|| format!("cannot copy `{}`", vectors.display()))?;
    }
    let tiers = Tiers::Two { model: &arguments.model, config: arguments.config.as_deref() };
    let server = Server::start(&arguments.server, &arguments.kb, state.path(), tiers)?;
    let mut operator = server.operator()?;
    operator.wait_for("tier1")?;
    operator.wait_for("tier2")?;
    println!("Tier 2 ready after {:.1} s", server.started.elapsed().as_secs_f64());
    added::measure(&server, &rows, &arguments.model)?;
    interference::measure(&server, &rows)?;
    if arguments.hold > 0 {
        hold::measure(&server, &rows, Duration::from_secs(60 * arguments.hold))?;
    }
    // A new connection: the server closes one that was idle for an hour.
    let health = server.operator()?.call("GET", "/admin/v1/health", &Value::Null)?;
    for model in health["models"].as_array().into_iter().flatten() {
        let bytes = model["memory_bytes"].as_f64().map(|bytes| format!(", {:.0} MB PSS", bytes / 1e6));
        let load = model["load_ms"].as_f64().unwrap_or_default();
        println!("{}: loaded in {load:.0} ms{}", model["id"], bytes.unwrap_or_default());
    }
    println!("memory of the server without its workers: {:.0} MB PSS", server.program.memory()? as f64 / 1e6);
    Ok(())
}
