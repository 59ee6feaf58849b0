//! What stands beside a bar: one line, what matters most first, because a narrow terminal cuts off its end.

use std::time::Duration;

use find_facts_core::Percent;
use find_facts_rollout::watch::{Evidence, Verdict};
use indicatif::HumanDuration;

use super::bytes;
use super::note::{evidence, progress, verdict_name};

/// Beside the bar of a whole run: what it waits at least, and the mark of a rehearsal.
pub fn run(left: Duration, mark: &str) -> String {
    joined([at_least(left), mark.to_owned()], " ")
}

/// Beside the bar of a window.
pub fn window(percentage: Percent, left: Duration, evidence: &Evidence, verdict: &Verdict) -> String {
    let head = joined([format!("{percentage} %"), at_least(left), verdict_name(verdict).to_owned()], ", ");
    format!("{head}: {}", self::evidence(evidence))
}

/// Beside the bar of work inside a step; `left` is nothing while nobody knows.
pub fn work(what: &str, done: u64, of: u64, left: Duration) -> String {
    joined([eta(left), progress(what, done, of), what.to_owned()], ", ")
}

/// Beside the bar of a download, with its bytes a second.
pub fn pull(what: &str, done: u64, of: u64, left: Duration, per_second: f64) -> String {
    let size = if of == 0 { bytes(done) } else { format!("{} of {}", bytes(done), bytes(of)) };
    joined([eta(left), size, format!("{}/s", bytes(per_second as u64)), what.to_owned()], ", ")
}

/// A run waits for observed time, and time that nobody observed does not count.
fn at_least(left: Duration) -> String {
    if left.is_zero() { String::new() } else { format!("ETA ≥ {:#}", HumanDuration(left)) }
}

fn eta(left: Duration) -> String {
    if left.is_zero() { String::new() } else { format!("ETA {:#}", HumanDuration(left)) }
}

fn joined<const N: usize>(parts: [String; N], by: &str) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(by)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(22);

    #[test]
    fn time_left_survives_forty_columns() {
        let evidence = Evidence { attempts: 117, p95_ms: Some(11.8), ..Evidence::default() };
        let waits = Verdict::NotEnoughData { reasons: vec!["117 of 1000 attempts".to_owned()] };
        for (line, expected) in [
            (run(SOON, "REHEARSAL ×30"), "ETA ≥ 22s REHEARSAL ×30"),
            (
                window(Percent::ZERO, SOON, &evidence, &waits),
                "0 %, ETA ≥ 22s, not enough data: 117 attempts, 0.00 % errors, p95 11.8 ms",
            ),
            (work("performance suite", 48, 100, SOON), "ETA 22s, 48 of 100, performance suite"),
            (
                pull("minilm", 2_000_000, 23_400_000, SOON, 1e6),
                "ETA 22s, 2.0 MB of 23.4 MB, 1.0 MB/s, minilm",
            ),
        ] {
            assert_eq!(line, expected);
        }
    }

    #[test]
    fn what_nobody_knows_is_left_out() {
        assert_eq!(run(Duration::ZERO, ""), "");
        assert_eq!(work("initialising tier1", 3, 100, Duration::ZERO), "3 of 100, initialising tier1");
        assert_eq!(pull("minilm", 2_000_000, 0, Duration::ZERO, 0.0), "2.0 MB, 0 kB/s, minilm");
    }
}
