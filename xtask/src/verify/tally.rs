//! How many tests ran: read from the test runner's own closing lines, which stay in the output.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::out::say;
use crate::shell::line;

/// Tests counted over several runs of the test runner.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Tally {
    /// Runs the tests, shows what they print and adds them to the count.
    pub(super) fn run(&mut self, command: &mut Command) -> Result<()> {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("`{}` did not start", line(command)))?;
        let printed = child.stdout.take().context("the test runner has no output")?;
        for text in BufReader::new(printed).split(b'\n') {
            let text = String::from_utf8_lossy(&text?).into_owned();
            self.count(&text);
            say(&text);
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("`{}` failed: {status}", line(command));
        }
        Ok(())
    }

    /// Takes up a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn count(&mut self, text: &str) {
        let Some(result) = text.trim_start().strip_prefix("test result: ") else { return };
        let figures = result.split_once(". ").map_or(result, |(_, figures)| figures);
        for figure in figures.split("; ") {
            let Some((number, kind)) = figure.split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match kind {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(printed: &[&str], expected: &str) {
        let mut tally = Tally::default();
        printed.iter().for_each(|text| tally.count(text));
        assert_eq!(tally.to_string(), expected);
    }

    #[test]
    fn results_of_several_binaries_add_up() {
        check(
            &[
                "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s",
                "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
            ],
            "4 passed, 2 failed",
        );
    }

    #[test]
    fn other_lines_count_nothing() {
        check(&["running 3 tests", "test a ... ok", "3 passed; 0 failed"], "0 passed, 0 failed");
    }

    #[test]
    fn ignored_tests_are_skipped_ones() {
        check(
            &["test result: ok. 1 passed; 0 failed; 2 ignored; 0 measured"],
            "1 passed, 0 failed, 2 skipped",
        );
    }
}
