//! deployctl: reads the command line, does the verb, and turns what happened into an exit code.

use std::process::ExitCode;

use clap::Parser;
use find_facts_deployctl::cli::Cli;
use find_facts_deployctl::dispatch;
use find_facts_deployctl::output::Output;

fn main() -> ExitCode {
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let cli = Cli::parse();
    let output = Output::new(cli.global.json);
    match dispatch::run(cli, output) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output.complain(&failure);
            failure.exit().into()
        }
    }
}
