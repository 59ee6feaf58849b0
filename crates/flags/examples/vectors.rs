//! `vectors FILE`: holds the flags' buckets against a file of published vectors and prints what became of its rows.
//! Exit code 1 when a row failed, 2 when there was nothing to check.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this program is for")]

use std::process::ExitCode;

use find_facts_flags::vectors::{self, Tally};

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: vectors FILE");
        return ExitCode::from(2);
    };
    match read(&path) {
        Ok(tally) => print(&tally),
        Err(error) => {
            eprintln!("`{}`: {error}", path.display());
            ExitCode::from(2)
        }
    }
}

fn read(path: &std::ffi::OsStr) -> Result<Tally, Box<dyn std::error::Error>> {
    Ok(vectors::check(&serde_json::from_slice(&std::fs::read(path)?)?)?)
}

fn print(tally: &Tally) -> ExitCode {
    for note in &tally.failed {
        println!("FAILED  {}: {}", note.id, note.text);
    }
    for note in &tally.skipped {
        println!("skipped {}: {}", note.id, note.text);
    }
    println!("{} passed, {} failed, {} skipped", tally.passed, tally.failed.len(), tally.skipped.len());
    ExitCode::from(u8::from(!tally.failed.is_empty()))
}
