//! A run in figures.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::judge::Fault;
use crate::mix::Kind;
use crate::record::Seen;

/// What all callers saw.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Requests sent.
    pub requests: u64,
    /// Requests whose answer legacy would not have given.
    pub faults: u64,
    /// The first few faults.
    pub examples: Vec<Fault>,
    /// Callers that sent at least one request.
    pub callers: usize,
    /// Callers that saw a tier at work.
    pub callers_enhanced: usize,
    /// When the last enhanced answer was seen, unix milliseconds.
    pub last_enhanced_ms: Option<u64>,
    /// By kind of query; kinds that were not sent are absent.
    pub kinds: BTreeMap<Kind, KindSummary>,
}

/// One kind of query.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KindSummary {
    /// Requests sent.
    pub requests: u64,
    /// Answers with the facts that were asked for.
    pub right: u64,
    /// Answers that a tier took part in.
    pub enhanced: u64,
    /// From the moment each was due.
    pub latency: Latencies,
}

/// Percentiles in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latencies {
    /// Half were faster.
    pub p50: u64,
    /// 95 of 100 were faster.
    pub p95: u64,
    /// 99 of 100 were faster.
    pub p99: u64,
    /// The slowest.
    pub max: u64,
}

/// Whoever waits longer than an hour, in microseconds, has waited for an hour.
const LONGEST: u64 = 3_600_000_000;

/// As many examples as a reader looks at.
const EXAMPLES: usize = 5;

/// Takes up answers one by one.
#[derive(Debug, Default)]
pub(crate) struct Count {
    summary: Summary,
    callers: HashSet<usize>,
    enhanced: HashSet<usize>,
    micros: BTreeMap<Kind, Option<Histogram<u64>>>,
}

impl Count {
    pub(crate) fn add(&mut self, seen: &Seen) {
        let summary = &mut self.summary;
        summary.requests += 1;
        self.callers.insert(seen.caller);
        if let Some(fault) = &seen.fault {
            summary.faults += 1;
            if summary.examples.len() < EXAMPLES {
                summary.examples.push(fault.clone());
            }
        }
        let kind = summary.kinds.entry(seen.kind).or_default();
        kind.requests += 1;
        kind.right += u64::from(seen.right);
        if seen.enhanced {
            kind.enhanced += 1;
            self.enhanced.insert(seen.caller);
            summary.last_enhanced_ms = summary.last_enhanced_ms.max(Some(seen.at_ms));
        }
        // Three digits are a thousandth, which is less than two runs differ by.
        let micros = self.micros.entry(seen.kind).or_insert_with(|| Histogram::new_with_max(LONGEST, 3).ok());
        if let Some(histogram) = micros {
            histogram.saturating_record(seen.micros);
        }
    }

    pub(crate) fn finish(mut self) -> Summary {
        self.summary.callers = self.callers.len();
        self.summary.callers_enhanced = self.enhanced.len();
        for (kind, histogram) in self.micros {
            if let (Some(kind), Some(histogram)) = (self.summary.kinds.get_mut(&kind), histogram) {
                kind.latency = Latencies {
                    p50: histogram.value_at_quantile(0.50),
                    p95: histogram.value_at_quantile(0.95),
                    p99: histogram.value_at_quantile(0.99),
                    max: histogram.max(),
                };
            }
        }
        self.summary
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} requests from {} callers, {} faults", self.requests, self.callers, self.faults)?;
        writeln!(f, "{} callers saw an enhanced answer", self.callers_enhanced)?;
        writeln!(
            f,
            "{:<8} {:>9} {:>7} {:>9}  p50 / p95 / p99 / max in ms",
            "kind", "requests", "right", "enhanced"
        )?;
        for (kind, row) in &self.kinds {
            let percent = 100.0 * row.right as f64 / row.requests.max(1) as f64;
            let [p50, p95, p99, max] = [row.latency.p50, row.latency.p95, row.latency.p99, row.latency.max]
                .map(|micros| micros as f64 / 1000.0);
            let name = kind.name();
            writeln!(
                f,
                "{name:<8} {:>9} {percent:>6.1}% {:>9}  {p50:.2} / {p95:.2} / {p99:.2} / {max:.2}",
                row.requests, row.enhanced
            )?;
        }
        self.examples.iter().try_for_each(|fault| writeln!(f, "fault: {fault}"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NoAnswer { reason } => write!(f, "no answer: {reason}"),
            Fault::Status { status } => write!(f, "status {status} to a valid request"),
            Fault::Unreadable => f.write_str("an answer that is no find_facts document"),
            Fault::Changed => f.write_str("legacy's answer changed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_of_seconds_are_told_as_they_are() {
        let mut count = Count::default();
        for micros in [3_000_000, 5_000, 5_000] {
            count.add(&seen(1, micros, false));
        }
        let latency = count.finish().kinds[&Kind::Alias].latency;
        assert!(latency.max.abs_diff(3_000_000) < 3_000 && latency.p50.abs_diff(5_000) < 5, "{latency:?}");
    }

    fn seen(caller: usize, micros: u64, enhanced: bool) -> Seen {
        Seen { at_ms: micros, caller, kind: Kind::Alias, micros, enhanced, right: enhanced, fault: None }
    }

    #[test]
    fn callers_count_once_and_percentiles_are_of_all_answers() {
        let mut count = Count::default();
        for number in 0..100 {
            count.add(&seen(number as usize % 3, 1 + number, number == 40));
        }
        let summary = count.finish();
        assert_eq!((summary.callers, summary.callers_enhanced, summary.last_enhanced_ms), (3, 1, Some(41)));
        assert_eq!(summary.kinds[&Kind::Alias].latency, Latencies { p50: 50, p95: 95, p99: 99, max: 100 });
    }
}
