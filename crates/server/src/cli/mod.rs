//! The command line. Reads the environment, once; prints an error's chain, once.

mod kb;
mod place;
mod serve;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use find_facts_store::FolderError;
use find_facts_store::kb::{ExportError, ImportError};

use crate::config::{ConfigError, Environment, show};
use crate::http::chain;
use crate::serve::StartError;
use crate::sources::Sources;

/// Answers knowledge-graph queries, and gets better tier by tier.
#[derive(Debug, Parser)]
#[command(name = "find-facts-server", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a knowledge base.
    Serve(serve::Serve),
    /// Import, export, count or check a knowledge base.
    #[command(subcommand)]
    Kb(kb::Kb),
    /// The configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Run a language model for the server that started this.
    #[command(name = crate::language::WORKER, hide = true)]
    Worker,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print every value and where it comes from.
    Show {
        /// The configuration file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// Parses the arguments of this process and does what they say.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let environment = Environment::new(std::env::vars_os());
    match run(cli.command, environment) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever closed our output has seen enough.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let hint = error.downcast_ref::<StartError>().and_then(StartError::hint);
            let hint = hint.map(|hint| format!("hint: {hint}\n")).unwrap_or_default();
            let code = code(&error).map(|code| format!("[{code}]")).unwrap_or_default();
            // Nothing is left to be done where even this cannot be written.
            let _ = write!(io::stderr(), "error{code}: {}\n{hint}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// The error's page under `docs/errors/`: each verb's own error knows it.
fn code(error: &anyhow::Error) -> Option<&'static str> {
    let of_config = |_: &ConfigError| "invalid-configuration";
    (error.downcast_ref().map(StartError::code))
        .or_else(|| error.downcast_ref().map(ImportError::code))
        .or_else(|| error.downcast_ref().map(ExportError::code))
        .or_else(|| error.downcast_ref().map(FolderError::code))
        .unwrap_or_else(|| error.downcast_ref().map(of_config))
}

fn run(command: Command, environment: Environment) -> anyhow::Result<()> {
    match command {
        Command::Serve(serve) => serve.run(environment),
        Command::Kb(kb) => kb.run(),
        Command::Config(ConfigCommand::Show { config }) => {
            let (_, shown) = Sources { arguments: Vec::new(), environment, file: config }.read()?;
            Ok(io::stdout().write_all(show(&shown).as_bytes())?)
        }
        Command::Worker => Ok(find_facts_engine_llama::serve()?),
    }
}
