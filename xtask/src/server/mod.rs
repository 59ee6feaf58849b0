//! A find-facts server of our own for a while: its own state folder, free ports, gone with whoever started it.

mod admin;
mod process;

use std::net::TcpListener;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

pub(crate) use admin::{Server, unix_ms};
pub(crate) use process::{Process, bound};

use crate::setup::{demo_kb, programs};
use crate::shell::root;

/// Exact queries are served within two seconds; on a machine that is busy compiling it takes longer.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Starts a server on the demo's knowledge base and configuration, and waits until it answers.
pub(crate) fn serve_demo(state: &Path, log: &Path) -> Result<(Server, Process)> {
    let server = Server { public: free_address()?, admin: free_address()? };
    let mut command = bound(&programs::path("find-facts-server")?);
    command.arg("serve").arg("--kb").arg(demo_kb::folder()).arg("--state").arg(state);
    command.arg("--config").arg(root().join("deploy-plans/demo/server.toml"));
    command.args(["--listen", host_and_port(&server.public)]);
    command.args(["--admin-listen", host_and_port(&server.admin)]);
    let mut process = Process::start(&mut command, log)?;
    let started = Instant::now();
    while !server.is_ready() {
        process.must_run().with_context(|| format!("see `{}`", log.display()))?;
        if started.elapsed() > READY_WITHIN {
            bail!("the server is not ready after {} s; see `{}`", READY_WITHIN.as_secs(), log.display());
        }
        sleep(Duration::from_millis(50));
    }
    Ok((server, process))
}

fn free_address() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no free port on the loopback interface")?;
    Ok(format!("http://{}", listener.local_addr()?))
}

fn host_and_port(url: &str) -> &str {
    url.strip_prefix("http://").unwrap_or(url)
}
