//! What to tell people, as values: each trouble once when it begins, again when it gets worse or better, and once when it is over.

use std::collections::BTreeMap;

use find_facts_core::Tier;
use find_facts_core::health::Status;
use find_facts_core::rollback::Severity;
use serde::Serialize;

use crate::status::{Cause, Finding};

/// One message about one trouble.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alert {
    /// What kind of trouble; with the tier, which one.
    pub name: Cause,
    /// The tier; `None` for the server as a whole.
    pub tier: Option<Tier>,
    /// How loudly to say it.
    pub severity: Severity,
    /// When it began, unix milliseconds.
    pub since_ms: u64,
    /// The figures that last showed it.
    pub reason: String,
    /// When it was over, unix milliseconds.
    pub resolved_ms: Option<u64>,
}

/// The troubles there are.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    active: BTreeMap<(Option<Tier>, Cause), Alert>,
}

impl Alerts {
    /// Compares with what was found this time; what is new, has changed its severity or is over has to be told.
    pub(crate) fn update(&mut self, found: &[Finding], now_ms: u64) -> Vec<Alert> {
        let mut tell = Vec::new();
        self.active.retain(|&(tier, cause), alert| {
            let remains = found.iter().any(|finding| (finding.tier, finding.cause) == (tier, cause));
            if !remains {
                tell.push(Alert { resolved_ms: Some(now_ms), ..alert.clone() });
            }
            remains
        });
        for finding in found {
            let Some(severity) = severity(finding.status) else { continue };
            let known = self.active.get(&(finding.tier, finding.cause));
            let is_new = known.is_none_or(|alert| alert.severity != severity);
            let alert = Alert {
                name: finding.cause,
                tier: finding.tier,
                severity,
                since_ms: known.map_or(now_ms, |alert| alert.since_ms),
                reason: finding.reason.clone(),
                resolved_ms: None,
            };
            if is_new {
                tell.push(alert.clone());
            }
            self.active.insert((finding.tier, finding.cause), alert);
        }
        tell
    }
}

fn severity(status: Status) -> Option<Severity> {
    match status {
        Status::Healthy => None,
        Status::Degraded => Some(Severity::Warning),
        Status::Critical => Some(Severity::Critical),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(tier: Tier, cause: Cause, status: Status) -> Finding {
        Finding { tier: Some(tier), cause, status, reason: "figures".to_owned() }
    }

    fn check(alerts: &mut Alerts, found: &[Finding], now_ms: u64, expected: &[&str]) {
        let told: Vec<String> = alerts.update(found, now_ms).iter().map(text).collect();
        assert_eq!(told, expected);
    }

    fn text(alert: &Alert) -> String {
        let tier = alert.tier.map_or("server", Tier::name);
        let over = alert.resolved_ms.map_or(String::new(), |at| format!(", over at {at}"));
        format!("{tier} {} {:?} since {}{over}", alert.name.name(), alert.severity, alert.since_ms)
    }

    #[test]
    fn a_trouble_is_told_once_and_once_when_it_is_over() {
        let mut alerts = Alerts::default();
        let slow = [found(Tier::Tier1, Cause::LatencyP95, Status::Degraded)];
        check(&mut alerts, &slow, 1, &["tier1 latency_p95 Warning since 1"]);
        check(&mut alerts, &slow, 2, &[]);
        check(&mut alerts, &[], 3, &["tier1 latency_p95 Warning since 1, over at 3"]);
        check(&mut alerts, &[], 4, &[]);
    }

    #[test]
    fn a_change_of_severity_is_told_and_keeps_its_beginning() {
        let mut alerts = Alerts::default();
        let status = |status| [found(Tier::Tier2, Cause::ErrorRate, status)];
        check(&mut alerts, &status(Status::Degraded), 1, &["tier2 error_rate Warning since 1"]);
        check(&mut alerts, &status(Status::Critical), 2, &["tier2 error_rate Critical since 1"]);
    }

    #[test]
    fn troubles_of_two_tiers_are_two() {
        let mut alerts = Alerts::default();
        let of = |tier| found(tier, Cause::BreakerOpen, Status::Critical);
        check(&mut alerts, &[of(Tier::Tier1)], 1, &["tier1 breaker_open Critical since 1"]);
        check(
            &mut alerts,
            &[of(Tier::Tier2)],
            2,
            &["tier1 breaker_open Critical since 1, over at 2", "tier2 breaker_open Critical since 2"],
        );
    }
}
