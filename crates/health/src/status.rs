//! What figures mean. A verdict always names its reasons with the figures and the limit; no opinion is no reason.

use std::time::Duration;

use find_facts_core::Tier;
use find_facts_core::health::{Figures, Status};
use serde::Serialize;

use crate::settings::{Limit, Limits};

/// Why something is not healthy. The names on the wire are those of the alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Too many attempts failed.
    ErrorRate,
    /// Too many took too long.
    LatencyP95,
    /// The breaker is open.
    BreakerOpen,
    /// Health has lowered the tier, and it has not proved itself yet.
    Lowered,
}

impl Cause {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Cause::ErrorRate => "error_rate",
            Cause::LatencyP95 => "latency_p95",
            Cause::BreakerOpen => "breaker_open",
            Cause::Lowered => "lowered",
        }
    }
}

/// One reason.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    /// What it is about; `None` for the server as a whole.
    pub(crate) tier: Option<Tier>,
    pub(crate) cause: Cause,
    pub(crate) status: Status,
    pub(crate) reason: String,
}

/// The limits of one tier, or of the server as a whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) tier: Option<Tier>,
    pub(crate) degraded: Limit,
    pub(crate) critical: Limit,
}

impl Bounds {
    pub(crate) fn new(limits: &Limits, tier: Option<Tier>) -> Self {
        let degraded = tier.map_or(limits.overall, |tier| limits.tiers[tier as usize]);
        Self { tier, degraded, critical: limits.critical }
    }

    /// Judges an error rate and a latency, which for the server as a whole are figures of different requests.
    pub(crate) fn judge(self, errors: &Figures, latency: &Figures) -> impl Iterator<Item = Finding> + use<> {
        self.judge_errors(errors).into_iter().chain(self.judge_latency(latency))
    }

    fn judge_errors(self, figures: &Figures) -> Option<Finding> {
        let rate = figures.error_rate?;
        let (status, limit) = if rate > self.critical.error_rate {
            (Status::Critical, self.critical.error_rate)
        } else if rate > self.degraded.error_rate {
            (Status::Degraded, self.degraded.error_rate)
        } else {
            return None;
        };
        let (errors, attempts) = (figures.errors, figures.attempts);
        let reason =
            format!("error rate {} ({errors} of {attempts}) is above {}", percent(rate), percent(limit));
        Some(Finding { tier: self.tier, cause: Cause::ErrorRate, status, reason })
    }

    fn judge_latency(self, figures: &Figures) -> Option<Finding> {
        let p95 = figures.p95_ms?;
        let (status, relation, limit) = if p95 >= millis(self.critical.p95) {
            (Status::Critical, "has reached", self.critical.p95)
        } else if p95 > millis(self.degraded.p95) {
            (Status::Degraded, "is above", self.degraded.p95)
        } else {
            return None;
        };
        let reason = format!("p95 {p95:.1} ms (of {}) {relation} {} ms", figures.attempts, millis(limit));
        Some(Finding { tier: self.tier, cause: Cause::LatencyP95, status, reason })
    }
}

/// The findings about one tier, or about the server as a whole.
pub(crate) fn of(found: &[Finding], tier: Option<Tier>) -> impl Iterator<Item = &Finding> + Clone {
    found.iter().filter(move |finding| finding.tier == tier)
}

/// The worst of all reasons; without one, healthy.
pub(crate) fn worst<'a>(findings: impl Iterator<Item = &'a Finding>) -> Status {
    findings.map(|finding| finding.status).max().unwrap_or(Status::Healthy)
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// A share as people read it: at most two decimals.
fn percent(share: f64) -> String {
    format!("{} %", (share * 10_000.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error_rate: Option<f64>, p95_ms: Option<f64>, status: Status, reasons: &[&str]) {
        let errors = (error_rate.unwrap_or(0.0) * 400.0) as u64;
        let figures = Figures { attempts: 400, errors, error_rate, p95_ms, ..Figures::default() };
        let bounds = Bounds::new(&Limits::default(), Some(Tier::Tier1));
        let findings: Vec<Finding> = bounds.judge(&figures, &figures).collect();
        let found: Vec<&str> = findings.iter().map(|finding| finding.reason.as_str()).collect();
        assert_eq!(
            (worst(findings.iter()), found.as_slice()),
            (status, reasons),
            "{error_rate:?} {p95_ms:?}"
        );
    }

    #[test]
    fn no_opinion_is_no_reason() {
        check(None, None, Status::Healthy, &[]);
    }

    #[test]
    fn a_figure_at_its_warning_limit_is_healthy_and_above_it_degraded() {
        check(Some(0.05), Some(20.0), Status::Healthy, &[]);
        check(Some(0.0525), None, Status::Degraded, &["error rate 5.25 % (21 of 400) is above 5 %"]);
        check(None, Some(20.1), Status::Degraded, &["p95 20.1 ms (of 400) is above 20 ms"]);
    }

    #[test]
    fn above_10_percent_or_from_a_second_on_it_is_critical() {
        check(Some(0.1), None, Status::Degraded, &["error rate 10 % (40 of 400) is above 5 %"]);
        check(Some(0.105), None, Status::Critical, &["error rate 10.5 % (42 of 400) is above 10 %"]);
        check(None, Some(999.9), Status::Degraded, &["p95 999.9 ms (of 400) is above 20 ms"]);
        check(None, Some(1000.0), Status::Critical, &["p95 1000.0 ms (of 400) has reached 1000 ms"]);
    }

    #[test]
    fn every_reason_is_named_and_the_worst_counts() {
        check(
            Some(0.2),
            Some(30.0),
            Status::Critical,
            &["error rate 20 % (80 of 400) is above 10 %", "p95 30.0 ms (of 400) is above 20 ms"],
        );
    }
}
