//! From where on a figure rolls back.

use std::time::Duration;

/// The limits of all rules.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Above this share of errors all tiers go off, or the tier and those above.
    pub error_rate: f64,
    /// From this time on an open breaker takes its tier and those above.
    pub breaker_open: Duration,
    /// So does a breaker that opened so often in 10 minutes.
    pub breaker_trips: u64,
    /// From this 95th percentile on Tiers 2 and 3 go off, or the tier and those above.
    pub p95: Duration,
    /// Above this use of memory Tier 3 goes off, and at the next check Tier 2.
    pub memory_bytes: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            error_rate: 0.10,
            breaker_open: Duration::from_secs(30),
            breaker_trips: 3,
            p95: Duration::from_millis(1000),
            memory_bytes: 8_000_000_000,
        }
    }
}
