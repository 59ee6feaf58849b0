//! `cargo xtask verify`: every part runs, whatever happened to those before it; one failing part fails the whole.

mod shard;
mod tally;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::out::{complain, headline, say};
use crate::setup::{self, Scope};
use crate::shell::{cargo, run as run_command};
use crate::{layers, tidy};
pub(crate) use shard::Shard;
use tally::Tally;

/// How much is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Length {
    /// What has to hold before a change lands: under 30 minutes from nothing on two cores.
    Short,
    /// Also every kill point of a rollout and the licences of all dependencies: hours, split into shards.
    Long {
        /// Which share of the kill points.
        shard: Shard,
    },
}

/// The end-to-end suite runs every kill point of this share instead of a few.
const SHARD: &str = "FIND_FACTS_E2E_SHARD";

/// A part of the verification; it adds the tests it ran to the count.
struct Part {
    name: &'static str,
    run: Work,
}

type Work = Box<dyn FnOnce(&mut Tally) -> Result<()>>;

/// Runs all parts, then says how each ended and how long it took.
pub(crate) fn run(length: Length) -> Result<()> {
    let mut tally = Tally::default();
    let mut rows = Vec::new();
    for part in parts(length) {
        headline(part.name);
        let started = Instant::now();
        let outcome = (part.run)(&mut tally);
        if let Err(error) = &outcome {
            complain(error);
        }
        rows.push((part.name, outcome.is_ok(), started.elapsed()));
    }
    summarise(&rows, &tally);
    match rows.iter().filter(|(_, passed, _)| !passed).count() {
        0 => Ok(()),
        failed => bail!("{failed} of {} parts failed", rows.len()),
    }
}

fn parts(length: Length) -> Vec<Part> {
    let mut parts = vec![
        part("setup", |_| setup::run(Scope::Tests)),
        part("tidy", |_| tidy::run()),
        part("layers", |_| layers::run()),
        part("format", |_| run_command(&mut cargo(["fmt", "--all", "--check"]))),
        part("clippy", |_| {
            let all = ["clippy", "--workspace", "--all-targets", "--all-features", "--quiet"];
            run_command(cargo(all).args(["--", "--deny", "warnings"]))
        }),
        part("tests", |tally| {
            let all = ["test", "--workspace", "--exclude", "find-facts-e2e", "--no-fail-fast"];
            tally.run(&mut cargo(all))
        }),
        part("docs", |_| {
            let docs = ["doc", "--workspace", "--no-deps", "--quiet"];
            run_command(cargo(docs).env("RUSTDOCFLAGS", "--deny warnings"))
        }),
    ];
    match length {
        Length::Short => parts.push(part("e2e", |tally| tally.run(&mut end_to_end()))),
        Length::Long { shard } => {
            parts.push(part("e2e, all kill points", move |tally| {
                let mut all = end_to_end();
                // Each kill is told as it happens: it is hours until the end.
                all.env(SHARD, shard.to_string()).args(["--", "--include-ignored", "--nocapture"]);
                tally.run(&mut all)
            }));
            parts.push(part("licences", |_| licences()));
        }
    }
    parts
}

fn part(name: &'static str, run: impl FnOnce(&mut Tally) -> Result<()> + 'static) -> Part {
    Part { name, run: Box::new(run) }
}

fn end_to_end() -> std::process::Command {
    cargo(["test", "--package", "find-facts-e2e", "--no-fail-fast"])
}

/// `cargo-deny` takes minutes to compile, so only the long run asks for it.
fn licences() -> Result<()> {
    run_command(&mut cargo(["install", "--locked", "cargo-deny"]))?;
    run_command(&mut cargo(["deny", "check", "bans", "licenses", "sources"]))
}

fn summarise(rows: &[(&str, bool, Duration)], tally: &Tally) {
    headline("summary");
    for (name, passed, took) in rows {
        let verdict = if *passed { "passed" } else { "FAILED" };
        say(format_args!("{name:<22} {verdict}  {:>6.1} s", took.as_secs_f64()));
    }
    let total: Duration = rows.iter().map(|(_, _, took)| *took).sum();
    say(format_args!("{:<22}         {:>6.1} s\n", "all parts", total.as_secs_f64()));
    say(tally);
}
