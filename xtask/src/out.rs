//! What the tasks print. The only place of this crate that writes to the terminal.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this module is the crate's output")]

use std::fmt::Display;

/// One line for the reader.
pub(crate) fn say(line: impl Display) {
    println!("{line}");
}

/// The head of a part of a longer task.
pub(crate) fn headline(title: impl Display) {
    println!("\n=== {title}");
}

/// An error and what caused it.
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}
