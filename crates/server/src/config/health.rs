//! `[health]`, `[rollback]`, `[faults]`: how often the server looks at itself, and what it does about what it sees.

use std::time::Duration;

use super::reader::Reader;
use super::setting::{Millis, Seconds, Setting, any};

/// How often the server looks at itself, and from when on it complains.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthConfig {
    /// The health window before it is widened.
    pub window: Duration,
    /// Figures are collected this often.
    pub collect: Duration,
    /// Status is assessed this often.
    pub assess: Duration,
    /// Overall error rate from which on the status is Degraded.
    pub alert_error_rate: f64,
    /// Overall p95 from which on the status is Degraded.
    pub alert_p95: Duration,
}

/// From when on tiers are switched off.
#[derive(Debug, Clone, PartialEq)]
pub struct RollbackConfig {
    /// The rules are checked this often, and at once when a breaker opens.
    pub check: Duration,
    /// Above this error rate.
    pub error_rate: f64,
    /// From this p95 on.
    pub p95: Duration,
    /// Above this much memory of server and workers, GB.
    pub memory_gb: f64,
    /// A breaker that has been open this long.
    pub breaker_open: Duration,
    /// A breaker that opened this often in ten minutes.
    pub breaker_trips: u64,
}

/// Whether faults may be injected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultsConfig {
    /// Off unless asked for.
    pub enabled: bool,
}

const SECONDS: &str = "a number of seconds from 0.1 to 3600";

const fn interval(
    key: &'static str,
    env: Option<&'static str>,
    default: fn() -> Seconds,
) -> Setting<Seconds> {
    Setting { key, env, default, accepted: SECONDS, valid: |seconds| seconds.within(0.1, 3600.0) }
}

const fn rate(key: &'static str, env: Option<&'static str>, default: fn() -> f64) -> Setting<f64> {
    Setting {
        key,
        env,
        default,
        accepted: "a share above 0, at most 1",
        valid: |rate| *rate > 0.0 && *rate <= 1.0,
    }
}

const fn latency(key: &'static str, env: Option<&'static str>, default: fn() -> Millis) -> Setting<Millis> {
    Setting {
        key,
        env,
        default,
        accepted: "a whole number of milliseconds from 1 to 600000",
        valid: |latency| latency.within(1, 600_000),
    }
}

const WINDOW: Setting<Seconds> = interval("health.window_seconds", None, || Seconds::from_secs(60));
const COLLECT: Setting<Seconds> =
    interval("health.collect_seconds", Some("METRICS_COLLECTION_INTERVAL_SEC"), || Seconds::from_secs(30));
const ASSESS: Setting<Seconds> =
    interval("health.assess_seconds", Some("HEALTH_CHECK_INTERVAL_SEC"), || Seconds::from_secs(60));
const ALERT_ERROR_RATE: Setting<f64> =
    rate("health.alert_error_rate", Some("ALERT_THRESHOLD_ERROR_RATE"), || 0.05);
const ALERT_P95: Setting<Millis> =
    latency("health.alert_p95_ms", Some("ALERT_THRESHOLD_LATENCY_P95_MS"), || Millis::from_millis(200));

const CHECK: Setting<Seconds> = interval("rollback.check_seconds", None, || Seconds::from_secs(30));
const ERROR_RATE: Setting<f64> = rate("rollback.error_rate", None, || 0.10);
const P95: Setting<Millis> = latency("rollback.p95_ms", None, || Millis::from_millis(1000));
const MEMORY_GB: Setting<f64> = Setting {
    key: "rollback.memory_gb",
    env: None,
    default: || 8.0,
    accepted: "a number of GB above 0, at most 1024",
    valid: |gb| *gb > 0.0 && *gb <= 1024.0,
};
const BREAKER_OPEN: Setting<Seconds> =
    interval("rollback.breaker_open_seconds", None, || Seconds::from_secs(30));
const BREAKER_TRIPS: Setting<u64> = Setting {
    key: "rollback.breaker_trips",
    env: None,
    default: || 3,
    accepted: "a whole number from 1 to 1000",
    valid: |trips| (1..=1000).contains(trips),
};

const FAULTS_ENABLED: Setting<bool> =
    Setting { key: "faults.enabled", env: None, default: || false, accepted: "true or false", valid: any };

pub(super) fn read_health(reader: &mut Reader<'_>) -> HealthConfig {
    HealthConfig {
        window: reader.get(&WINDOW).0,
        collect: reader.get(&COLLECT).0,
        assess: reader.get(&ASSESS).0,
        alert_error_rate: reader.get(&ALERT_ERROR_RATE),
        alert_p95: reader.get(&ALERT_P95).0,
    }
}

pub(super) fn read_rollback(reader: &mut Reader<'_>) -> RollbackConfig {
    RollbackConfig {
        check: reader.get(&CHECK).0,
        error_rate: reader.get(&ERROR_RATE),
        p95: reader.get(&P95).0,
        memory_gb: reader.get(&MEMORY_GB),
        breaker_open: reader.get(&BREAKER_OPEN).0,
        breaker_trips: reader.get(&BREAKER_TRIPS),
    }
}

pub(super) fn read_faults(reader: &mut Reader<'_>) -> FaultsConfig {
    FaultsConfig { enabled: reader.get(&FAULTS_ENABLED) }
}
