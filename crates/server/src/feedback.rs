//! What clients said of answers: counted since the start.

use std::sync::atomic::{AtomicU64, Ordering};

use find_facts_core::health::FeedbackReport;

/// The counts.
#[derive(Debug, Default)]
pub(crate) struct FeedbackCounts {
    positive: AtomicU64,
    neutral: AtomicU64,
    negative: AtomicU64,
}

impl FeedbackCounts {
    /// Counts a score; below zero is negative, above is positive.
    pub(crate) fn count(&self, score: i8) {
        let counter = match score.signum() {
            1 => &self.positive,
            0 => &self.neutral,
            _ => &self.negative,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn report(&self) -> FeedbackReport {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        FeedbackReport {
            positive: read(&self.positive),
            neutral: read(&self.neutral),
            negative: read(&self.negative),
        }
    }
}
