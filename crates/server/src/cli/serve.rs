//! `serve`: runs until it is told to stop. SIGTERM and SIGINT stop it, SIGHUP has it read its configuration again.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::place;
use crate::config::{Argument, Environment};
use crate::serve::{ServeOptions, Server};
use crate::sources::Sources;

/// Work that nobody waits for any more gets this long once everything else has ended.
const LAST_WORK: Duration = Duration::from_secs(1);

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The knowledge base's folder, which is only read.
    #[arg(long, value_name = "DIR")]
    kb: PathBuf,
    /// The folder for index, flag history, events and audit log; by default one below the user's state folder.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where clients ask.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Where operators and deployctl ask.
    #[arg(long, value_name = "ADDR")]
    admin_listen: Option<String>,
}

impl Serve {
    pub(super) fn run(self, environment: Environment) -> anyhow::Result<()> {
        let filter = log_filter(&environment)?;
        let is_terminal = io::stderr().is_terminal();
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(is_terminal)
            .with_writer(io::stderr)
            // A log that cannot be written, as on a full disk, would otherwise be complained of where it cannot be written either,
            // and end the request that had something to say.
            .log_internal_errors(false)
            .init();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let served = runtime.block_on(async { tokio::spawn(serve(self.options(environment))).await });
        runtime.shutdown_timeout(LAST_WORK);
        served.context("the server failed")?
    }

    fn options(self, environment: Environment) -> ServeOptions {
        let argument = |key, name, text: Option<String>| text.map(|text| Argument { key, name, text });
        let arguments = [
            argument("server.listen", "--listen", self.listen),
            argument("server.admin_listen", "--admin-listen", self.admin_listen),
        ];
        ServeOptions {
            state: self.state.unwrap_or_else(|| place::default_state(&self.kb, &environment)),
            kb: self.kb,
            sources: Sources {
                arguments: arguments.into_iter().flatten().collect(),
                environment,
                file: self.config,
            },
        }
    }
}

/// What `RUST_LOG` says is to be in the log.
fn log_filter(environment: &Environment) -> anyhow::Result<EnvFilter> {
    let Some(filter) = environment.get("RUST_LOG") else { return Ok(EnvFilter::new("info")) };
    let filter = filter.to_string_lossy();
    EnvFilter::try_new(&filter).with_context(|| {
        format!(
            "environment variable `RUST_LOG` is `{filter}`; accepted: such as `info,find_facts_server=debug`"
        )
    })
}

async fn serve(options: ServeOptions) -> anyhow::Result<()> {
    // Before anything is served, so that no signal finds the default, which is to die.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let server = Server::start(options).await?;
    let (public, admin) = (server.public_address(), server.admin_address());
    tracing::info!(%public, %admin, "serving");
    // Whoever closed our output does not want to know; the log has it too.
    let _ = writeln!(io::stdout(), "find-facts serves http://{public}, admin http://{admin}");
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => server.reload().await,
        }
    }
    tracing::info!("stopping");
    if !server.stop().await {
        tracing::warn!("requests were still under way and have been cut off");
    }
    Ok(())
}
