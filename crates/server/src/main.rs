//! The find-facts server: HTTP, admin, configuration; the one place where concrete parts meet.

use std::process::ExitCode;

fn main() -> ExitCode {
    find_facts_server::cli::main()
}
