//! `cargo xtask setup`: brings what a machine lacks, in steps that each look first; a second run changes nothing.

pub(crate) mod demo_kb;
mod disk;
mod models;
pub(crate) mod programs;
mod system;
pub(crate) mod vectors;

use std::time::Instant;

use anyhow::Result;

use crate::out::say;

/// For what the machine is made ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What tests need: no release build, which takes as long as all of their own compiling.
    Tests,
    /// Also the programs and vectors of the demo and the benches.
    All,
}

/// Runs every step in order; the first that fails says what to do.
pub(crate) fn run(scope: Scope) -> Result<()> {
    step("room on the disk", || disk::room(scope))?;
    step("system packages", system::packages)?;
    step("the demo's knowledge base", demo_kb::make)?;
    if scope == Scope::All {
        step("release programs", programs::build)?;
    }
    step("ONNX Runtime and models", || models::pull(scope))?;
    if scope == Scope::All {
        step("vectors of the demo's names", vectors::make)?;
    }
    Ok(())
}

fn step(name: &str, work: impl FnOnce() -> Result<Outcome>) -> Result<()> {
    let started = Instant::now();
    say(format_args!("setup: {name} ..."));
    match work()? {
        Outcome::Present => say(format_args!("setup: {name}: there")),
        Outcome::Made => say(format_args!("setup: {name}: done in {:.1} s", started.elapsed().as_secs_f64())),
    }
    Ok(())
}

/// What a step found.
enum Outcome {
    /// Everything was there.
    Present,
    /// It is there now.
    Made,
}
