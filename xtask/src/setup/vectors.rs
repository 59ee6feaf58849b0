//! The vectors of the demo's names: computed once by the server itself, kept for every server that the demo starts.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::Outcome;
use crate::out::say;
use crate::server::{Process, Server, serve_demo};
use crate::shell::home;

/// The name that the server gives the file in its state folder.
const FILE: &str = "tier1.vectors";

/// How often the server is asked how far it is.
const TICK: Duration = Duration::from_millis(250);
/// Progress is worth a line every five seconds.
const TICKS_PER_LINE: usize = 20;
/// A slow machine needs two minutes for these names; a server that is not done after a quarter of an hour hangs.
const TICKS: usize = 3600;

/// Puts the vectors into a state folder, for a server that is about to start on it.
pub(crate) fn copy_to(state: &Path) -> Result<()> {
    fs::create_dir_all(state)?;
    let kept = kept();
    if kept.exists() {
        fs::copy(&kept, state.join(FILE)).with_context(|| format!("cannot copy `{}`", kept.display()))?;
    }
    Ok(())
}

/// Lets a server load Tier 1. With vectors that fit it is ready at once; what is missing it computes.
pub(super) fn make() -> Result<Outcome> {
    let state = home().join("demo/making");
    if state.exists() {
        fs::remove_dir_all(&state)?;
    }
    copy_to(&state)?;
    let before = kept().exists();
    let (server, mut process) = serve_demo(&state, &state.join("server.log"))?;
    server.load_tier1()?;
    wait(&server, &mut process).with_context(|| format!("see `{}`", state.join("server.log").display()))?;
    process.finish()?;
    fs::rename(state.join(FILE), kept()).context("the server has kept no vectors")?;
    fs::remove_dir_all(&state)?;
    Ok(if before { Outcome::Present } else { Outcome::Made })
}

/// Where they are kept.
pub(crate) fn kept() -> PathBuf {
    home().join("demo").join(FILE)
}

fn wait(server: &Server, process: &mut Process) -> Result<()> {
    for tick in 0..TICKS {
        process.must_run()?;
        let tier1 = server.tier1()?;
        match tier1.state.as_str() {
            "ready" if tier1.reasons.is_empty() => return Ok(()),
            "ready" | "failed" => bail!("Tier 1 is {}: {}", tier1.state, tier1.reasons.join("; ")),
            _ if tick % TICKS_PER_LINE == TICKS_PER_LINE - 1 => {
                say(format_args!("setup: vectors: {:.0} %", 100.0 * tier1.progress));
            }
            _ => {}
        }
        sleep(TICK);
    }
    bail!("Tier 1 is not ready after {:?}", TICK * TICKS as u32)
}
