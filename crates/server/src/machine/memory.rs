//! Memory: what the server has, and what it can still get.

use find_facts_core::health::MemoryReport;
use procfs::process::Process;
use procfs::{Current, MemoryPressure};
use sysinfo::{MemoryRefreshKind, System};

use super::cgroup::Groups;

/// Reads memory.
pub(super) struct MemoryMeter {
    system: Option<System>,
    groups: Groups,
}

impl MemoryMeter {
    pub(super) fn new() -> Self {
        Self { system: System::new().ok(), groups: Groups::own() }
    }

    /// As of now, with what the workers take. The sum over the server's pages takes the kernel some milliseconds per gigabyte.
    pub(super) fn read(&mut self, workers: u64) -> MemoryReport {
        let (total, free) = self.system.as_mut().map_or((0, 0), |system| {
            system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
            (system.total_memory(), system.available_memory())
        });
        let group = self.groups.memory();
        let limit_bytes = group.map_or(total, |group| group.limit.min(total));
        let available_bytes = group.map_or(free, |group| group.available.min(free));
        let pss_bytes = pss().unwrap_or(0).saturating_add(workers);
        MemoryReport {
            pss_bytes,
            limit_bytes,
            available_bytes,
            pressure: if limit_bytes > 0 { pss_bytes as f64 / limit_bytes as f64 } else { 0.0 },
            psi_some_avg60: MemoryPressure::current().ok().map(|pressure| f64::from(pressure.some.avg60)),
        }
    }
}

/// Proportional set size: shared pages count by the share that this process has in them.
pub(crate) fn pss() -> Option<u64> {
    let rollup = Process::myself().ok()?.smaps_rollup().ok()?;
    rollup.memory_map_rollup.iter().find_map(|map| map.extension.map.get("Pss").copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_plausible() {
        let report = MemoryMeter::new().read(0);
        assert!(report.pss_bytes > 100_000, "{report:?}");
        assert!(report.limit_bytes > report.pss_bytes, "{report:?}");
        assert!(report.available_bytes <= report.limit_bytes, "{report:?}");
        assert!(report.pressure > 0.0 && report.pressure < 1.0, "{report:?}");
    }
}
