//! How long the window is, how often it is looked at, and from where on figures are bad.

use std::time::Duration;

use find_facts_core::health::WindowSettings;

/// What health is told at the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Length of the window before it is widened.
    pub window: Duration,
    /// How often memory and processor are measured; health only reports it.
    pub collect_every: Duration,
    /// How often status is assessed; health only reports it.
    pub assess_every: Duration,
    /// From where on figures are bad.
    pub limits: Limits,
}

/// The limits of every status.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Above these the server as a whole is degraded; the latency is that of all requests together.
    pub overall: Limit,
    /// Above these a tier is degraded; in the order of `Tier::ALL`.
    pub tiers: [Limit; 3],
    /// Above this rate, or from this latency on, a tier or the whole server is critical.
    pub critical: Limit,
}

/// An error rate between 0 and 1, and a 95th percentile of latency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Share of attempts that end in an error.
    pub error_rate: f64,
    /// 95th percentile of latency.
    pub p95: Duration,
}

impl Limit {
    const fn new(error_rate: f64, p95_ms: u64) -> Self {
        Self { error_rate, p95: Duration::from_millis(p95_ms) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            overall: Limit::new(0.05, 200),
            tiers: [Limit::new(0.05, 20), Limit::new(0.05, 100), Limit::new(0.05, 500)],
            critical: Limit::new(0.10, 1000),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(60),
            collect_every: Duration::from_secs(30),
            assess_every: Duration::from_secs(60),
            limits: Limits::default(),
        }
    }
}

impl From<&Settings> for WindowSettings {
    fn from(settings: &Settings) -> Self {
        Self {
            seconds: settings.window.as_secs_f64(),
            collect_seconds: settings.collect_every.as_secs_f64(),
            assess_seconds: settings.assess_every.as_secs_f64(),
        }
    }
}
