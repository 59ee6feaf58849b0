//! `cargo xtask bench`: builds the measuring programs as a release has them, and starts one on what set-up made.

use std::process::Command;

use anyhow::Result;

use crate::setup::{self, Scope, demo_kb, programs, vectors};
use crate::shell::{cargo, home, run};

/// A bench by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bench {
    /// Exact queries beside their peers, and how they grow.
    Exact,
    /// What a change of the flags costs.
    Flags,
    /// Entity linking: what it adds by each means, its model, its search, its starts.
    Tier1,
    /// Semantic expansion: what it adds cold and warm, its language model, what exact queries notice of it.
    Tier2,
}

/// Runs it; `further` are its own options.
pub(crate) fn run_one(bench: Bench, further: &[&str]) -> Result<()> {
    setup::run(Scope::All)?;
    let server = programs::path("find-facts-server")?;
    let name = match bench {
        Bench::Exact => "bench-exact",
        Bench::Flags => "bench-flags",
        Bench::Tier1 => "bench-tier1",
        Bench::Tier2 => "bench-tier2",
    };
    let mut program =
        cargo(["run", "--quiet", "--release", "--package", "find-facts-bench", "--bin", name, "--"]);
    match bench {
        Bench::Exact => program.args(["run", "--cache"]).arg(home().join("bench")),
        // A code that the demo's knowledge base knows as an alias.
        Bench::Flags => on_the_demo(&mut program).args(["--alias", "LHR"]),
        Bench::Tier1 if further.contains(&"--kb") => program.arg("--home").arg(home()),
        Bench::Tier1 => on_the_demo(&mut program).arg("--home").arg(home()),
        Bench::Tier2 if further.contains(&"--kb") => &mut program,
        Bench::Tier2 => on_the_demo(&mut program).args([
            "--questions",
            "deploy-plans/demo/questions.jsonl",
            "--model",
            "smollm2-135m-instruct",
        ]),
    };
    run(program.arg("--server").arg(server).args(further))
}

fn on_the_demo(program: &mut Command) -> &mut Command {
    program.arg("--kb").arg(demo_kb::folder()).arg("--vectors").arg(vectors::kept())
}
