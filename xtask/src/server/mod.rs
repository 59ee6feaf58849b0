//! A find-facts server of our own for a while: its own state folder, free ports, gone with whoever started it.

mod admin;
mod process;

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
    let mut command = bound(&programs::path("find-facts-server")?);
    command.arg("serve").arg("--kb").arg(demo_kb::folder()).arg("--state").arg(state);
    command.arg("--config").arg(root().join("deploy-plans/demo/server.toml"));
    command.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
    let mut process = Process::start(&mut command, log)?;
    let started = Instant::now();
    while started.elapsed() < READY_WITHIN {
        process.must_run().with_context(|| format!("see `{}`", log.display()))?;
        if let Some(server) = std::fs::read_to_string(log)?.lines().find_map(addresses) {
            return Ok((server, process));
        }
        sleep(Duration::from_millis(50));
    }
    bail!("the server is not ready after {} s; see `{}`", READY_WITHIN.as_secs(), log.display())
}

/// What the server prints once exact queries are served.
fn addresses(line: &str) -> Option<Server> {
    let (public, admin) = line.strip_prefix("find-facts serves ")?.split_once(", admin ")?;
    Some(Server { public: public.to_owned(), admin: admin.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_line_names_both_listeners() {
        let server = addresses("find-facts serves http://127.0.0.1:70, admin http://127.0.0.1:71");
        let named = server.map(|server| (server.public, server.admin));
        assert_eq!(named, Some(("http://127.0.0.1:70".to_owned(), "http://127.0.0.1:71".to_owned())));
        assert!(addresses("INFO serving").is_none());
    }
}
