//! `loadgen`: sends traffic to a server made from its knowledge base folder, and says what the callers saw.
//! Exit codes: 0 nothing that legacy would not have done, 1 something, 2 usage or no run at all.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program's output")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;
use find_facts_loadgen::{Kind, Mix, Query, Summary, Traffic, World, read_questions, run};
use reqwest::Url;
use tokio::signal::unix::{SignalKind, signal};

/// Open-loop traffic for a find-facts server. Ends after its time, or on an interrupt, with a summary.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The server's public listener.
    #[arg(long, default_value = "http://127.0.0.1:7070", value_parser = target)]
    target: String,
    /// The knowledge base folder that the server serves.
    #[arg(long)]
    kb: PathBuf,
    /// Requests per second, in the mean.
    #[arg(long, default_value_t = 100.0, value_parser = positive)]
    rate: f64,
    /// For how many seconds.
    #[arg(long, default_value_t = 60.0, value_parser = positive)]
    seconds: f64,
    /// How many callers there are.
    #[arg(long, default_value_t = 2000)]
    callers: usize,
    /// How unequal callers and queries are: 0 all alike, 1 as words of a text.
    #[arg(long, default_value_t = 0.9)]
    skew: f64,
    /// Shares of the kinds of queries.
    #[arg(long, default_value = "exact=70,alias=15,typo=10,unknown=5")]
    mix: Mix,
    /// Rows of a suite as JSON Lines, each a plain question or parts: sent in the mix's share of `question`.
    #[arg(long, value_name = "FILE")]
    questions: Option<PathBuf>,
    /// The same seed sends the same requests.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write what each caller saw to this file, as JSON Lines.
    #[arg(long)]
    record: Option<PathBuf>,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match traffic(&arguments).await {
        Ok(summary) if summary.faults == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

async fn traffic(arguments: &Arguments) -> Result<Summary> {
    let world = World::read(&arguments.kb)?;
    let traffic = Traffic {
        target: arguments.target.clone(),
        rate: arguments.rate,
        duration: Duration::from_secs_f64(arguments.seconds),
        callers: arguments.callers,
        skew: arguments.skew,
        mix: arguments.mix,
        questions: questions(arguments)?,
        seed: arguments.seed,
        record: arguments.record.clone(),
    };
    let stop = interrupted()?;
    let summary = run(&traffic, &world, stop).await?;
    match arguments.json {
        true => println!("{}", serde_json::to_string(&summary)?),
        false => print!("{summary}"),
    }
    Ok(summary)
}

/// The rows of the file, if one is given; one that would never be sent is a slip.
fn questions(arguments: &Arguments) -> Result<Vec<Query>> {
    let Some(path) = &arguments.questions else { return Ok(Vec::new()) };
    if arguments.mix.share(Kind::Question) == 0 {
        bail!("`--questions` is given, but `--mix` has no share for them; add one such as `question=10`");
    }
    Ok(read_questions(path)?)
}

/// Ready on the first interrupt or termination.
fn interrupted() -> Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for interrupts")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for termination")?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// A path is that of a proxy in front of the server; what else a URL may have would be lost.
fn target(text: &str) -> Result<String, String> {
    let is_base = |url: &Url| {
        matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none()
    };
    match text.parse::<Url>() {
        Ok(url) if is_base(&url) => Ok(text.to_owned()),
        _ => Err("accepted is the http URL of a public listener, such as http://127.0.0.1:7070".to_owned()),
    }
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number.is_finite() => Ok(number),
        _ => Err("a number above zero is needed".to_owned()),
    }
}
