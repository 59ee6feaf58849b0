//! Health, what the server is, and a look at the monitoring it says it has.

use find_facts_api::admin::{MonitoringPart, ServerInfo};
use find_facts_core::HealthReport;
use find_facts_rollout::ports::{MetricSource, PortError};

use super::AdminServer;

/// A family that every server exposes from its first second on.
const KNOWN_FAMILY: &str = "find_facts_";

impl MetricSource for AdminServer {
    fn report(&self) -> Result<HealthReport, PortError> {
        Ok(self.client.get("/admin/v1/health")?)
    }

    fn info(&self) -> Result<ServerInfo, PortError> {
        Ok(self.client.get("/admin/v1/info")?)
    }

    fn look_at(&self, part: MonitoringPart) -> Result<String, PortError> {
        match part {
            MonitoringPart::Metrics => self.look_at_metrics(),
            MonitoringPart::Alerts => {
                let report = self.report()?;
                Ok(format!("assessed every {} s, alerts go to the log", report.window.assess_seconds))
            }
            MonitoringPart::Dashboard => {
                let (media, page) = self.client.get_text("/dashboard")?;
                if !media.starts_with("text/html") {
                    return Err(unusable("GET /dashboard", format!("it is `{media}`, not a page")));
                }
                Ok(format!("a page of {} bytes", page.len()))
            }
        }
    }
}

impl AdminServer {
    fn look_at_metrics(&self) -> Result<String, PortError> {
        let (media, text) = self.client.get_text("/metrics")?;
        let samples = text.lines().filter(|line| line.starts_with(KNOWN_FAMILY)).count();
        if samples == 0 {
            return Err(unusable(
                "GET /metrics",
                format!("`{media}` without a single `{KNOWN_FAMILY}` sample"),
            ));
        }
        Ok(format!("{samples} samples"))
    }
}

fn unusable(call: &str, detail: String) -> PortError {
    PortError::Refused { call: call.to_owned(), code: "monitoring-unusable".to_owned(), detail }
}
