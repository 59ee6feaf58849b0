//! Processor: the busy share of the cores that the server may use, over five minutes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use find_facts_core::health::CpuReport;
use procfs::process::Process;
use procfs::{CpuPressure, Current, CurrentSI, KernelStats};

use super::cgroup::{CpuQuota, Groups};

/// How far back pressure looks.
const WINDOW: Duration = Duration::from_secs(300);

/// Reads processor use.
pub(super) struct CpuMeter {
    source: Source,
    window: Window,
}

/// Where use is read from.
enum Source {
    /// A group with a quota: its own use is what counts against it.
    Group { quota: CpuQuota, since: Instant },
    /// The machine's cores that this process may run on.
    Cores(Vec<usize>),
}

/// Processor seconds used, out of those there were, at a time.
#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Instant,
    busy: f64,
    capacity: f64,
}

/// The samples of the last five minutes, oldest first.
#[derive(Debug, Default)]
struct Window(VecDeque<Sample>);

impl CpuMeter {
    pub(super) fn new(now: Instant) -> Self {
        let allowed = allowed_cores();
        let quota = Groups::own().cpu_quota().filter(|quota| quota.cores < allowed.len() as f64);
        let source = match quota {
            Some(quota) => Source::Group { quota, since: now },
            None => Source::Cores(allowed),
        };
        Self { source, window: Window::default() }
    }

    /// As of now.
    pub(super) fn read(&mut self, now: Instant) -> CpuReport {
        if let Some((busy, capacity)) = self.source.read(now) {
            self.window.push(Sample { at: now, busy, capacity });
        }
        CpuReport {
            cores: self.source.cores(),
            pressure: self.window.busy_share(),
            psi_some_avg60: CpuPressure::current().ok().map(|pressure| f64::from(pressure.some.avg60)),
        }
    }
}

impl Source {
    fn cores(&self) -> f64 {
        match self {
            Source::Group { quota, .. } => quota.cores,
            Source::Cores(cores) => cores.len() as f64,
        }
    }

    /// Seconds used and seconds there were; both only grow, from any beginning.
    fn read(&self, now: Instant) -> Option<(f64, f64)> {
        match self {
            Source::Group { quota, since } => Some((
                quota.seconds_used()?,
                now.saturating_duration_since(*since).as_secs_f64() * quota.cores,
            )),
            Source::Cores(cores) => {
                let stats = KernelStats::current().ok()?;
                let ticks = cores.iter().filter_map(|core| stats.cpu_time.get(*core)).map(|time| {
                    let idle = time.idle + time.iowait.unwrap_or(0);
                    let busy = time.user
                        + time.nice
                        + time.system
                        + time.irq.unwrap_or(0)
                        + time.softirq.unwrap_or(0)
                        + time.steal.unwrap_or(0);
                    (busy as f64, (busy + idle) as f64)
                });
                Some(ticks.fold((0.0, 0.0), |sum, core| (sum.0 + core.0, sum.1 + core.1)))
            }
        }
    }
}

impl Window {
    fn push(&mut self, sample: Sample) {
        self.0.push_back(sample);
        // The one sample that is older than the window is where the window begins.
        while self.0.get(1).is_some_and(|second| sample.at.saturating_duration_since(second.at) >= WINDOW) {
            self.0.pop_front();
        }
    }

    fn busy_share(&self) -> f64 {
        let (Some(first), Some(last)) = (self.0.front(), self.0.back()) else { return 0.0 };
        let capacity = last.capacity - first.capacity;
        if capacity > 0.0 { ((last.busy - first.busy) / capacity).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// Numbers of the cores that this process may run on.
fn allowed_cores() -> Vec<usize> {
    let ranges = Process::myself()
        .and_then(|process| process.status())
        .ok()
        .and_then(|status| status.cpus_allowed_list);
    match ranges {
        Some(ranges) => ranges.into_iter().flat_map(|(first, last)| first as usize..=last as usize).collect(),
        None => (0..std::thread::available_parallelism().map_or(1, usize::from)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(samples: &[(u64, f64, f64)], expected: f64) {
        let start = Instant::now();
        let mut window = Window::default();
        for &(seconds, busy, capacity) in samples {
            window.push(Sample { at: start + Duration::from_secs(seconds), busy, capacity });
        }
        assert!((window.busy_share() - expected).abs() < 1e-9, "{samples:?}: {}", window.busy_share());
    }

    #[test]
    fn pressure_is_the_busy_share_of_the_last_five_minutes() {
        check(&[], 0.0);
        check(&[(0, 5.0, 10.0)], 0.0);
        check(&[(0, 0.0, 0.0), (30, 15.0, 60.0)], 0.25);
        check(&[(0, 0.0, 0.0), (300, 0.0, 600.0), (600, 300.0, 1200.0)], 0.5);
        check(&[(0, 0.0, 0.0), (200, 0.0, 400.0), (400, 400.0, 800.0)], 0.5);
    }

    #[test]
    fn a_reading_is_plausible() {
        let now = Instant::now();
        let report = CpuMeter::new(now).read(now);
        assert!(report.cores >= 0.01, "{report:?}");
        assert!((0.0..=1.0).contains(&report.pressure), "{report:?}");
    }
}
