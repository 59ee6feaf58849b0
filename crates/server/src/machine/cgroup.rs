//! The server's own control group, and every one above it: the tightest limit is the one that holds. Version 2, and the
//! controllers of version 1 for memory and processor.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders of the groups that hold this process, innermost first.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups {
    unified: Vec<PathBuf>,
    memory_v1: Vec<PathBuf>,
    /// Folders of the same group, of the controller that limits and of the one that counts.
    cpu_v1: Vec<(PathBuf, PathBuf)>,
}

/// Memory of the tightest group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MemoryLimit {
    pub(super) limit: u64,
    pub(super) available: u64,
}

/// A limit on processor time, and where its use is counted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CpuQuota {
    /// How many cores it is worth.
    pub(super) cores: f64,
    used: Used,
}

/// A file that counts processor time.
#[derive(Debug, Clone, PartialEq)]
enum Used {
    /// `cpu.stat`, in microseconds among other things.
    Stat(PathBuf),
    /// `cpuacct.usage`, in nanoseconds.
    Nanoseconds(PathBuf),
}

impl CpuQuota {
    /// Seconds of processor time that the group has used.
    pub(super) fn seconds_used(&self) -> Option<f64> {
        match &self.used {
            Used::Stat(file) => Some(stat(&fs::read_to_string(file).ok()?, "usage_usec")? as f64 / 1e6),
            Used::Nanoseconds(file) => number(file).map(|nanoseconds| nanoseconds / 1e9),
        }
    }
}

impl Groups {
    /// Of this process.
    pub(super) fn own() -> Self {
        let membership = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        Self::new(Path::new("/sys/fs/cgroup"), &membership)
    }

    fn new(root: &Path, membership: &str) -> Self {
        let mut groups = Self::default();
        for line in membership.lines() {
            let mut fields = line.splitn(3, ':');
            let (Some(_), Some(controllers), Some(path)) = (fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            let has = |controller| controllers.split(',').any(|name| name == controller);
            if controllers.is_empty() {
                groups.unified = chain(root, path);
            }
            if has("memory") {
                groups.memory_v1 = chain(&root.join("memory"), path);
            }
            if has("cpu") {
                let counted = chain(&root.join("cpuacct"), path);
                groups.cpu_v1 = chain(&root.join("cpu"), path).into_iter().zip(counted).collect();
            }
        }
        groups
    }

    /// The group that has least memory left, if any has a limit.
    pub(super) fn memory(&self) -> Option<MemoryLimit> {
        let v2 = self
            .unified
            .iter()
            .filter_map(|group| memory(group, "memory.max", "memory.current", "inactive_file"));
        let v1 = self.memory_v1.iter().filter_map(|group| {
            memory(group, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        });
        v2.chain(v1).min_by_key(|memory| memory.available)
    }

    /// The smallest share of processor time that a group has.
    pub(super) fn cpu_quota(&self) -> Option<CpuQuota> {
        let v2 = self.unified.iter().filter_map(|group| quota_v2(group));
        let v1 = self.cpu_v1.iter().filter_map(|(limits, counts)| quota_v1(limits, counts));
        v2.chain(v1).min_by(|a, b| a.cores.total_cmp(&b.cores))
    }
}

/// A group's folder and those above it.
fn chain(root: &Path, path: &str) -> Vec<PathBuf> {
    let own = root.join(path.trim_start_matches('/'));
    own.ancestors().take_while(|group| group.starts_with(root)).map(Path::to_owned).collect()
}

fn memory(group: &Path, limit: &str, usage: &str, reclaimable: &str) -> Option<MemoryLimit> {
    let read = |name: &str| fs::read_to_string(group.join(name)).ok();
    let limit: u64 = read(limit)?.trim().parse().ok()?;
    let usage: u64 = read(usage)?.trim().parse().ok()?;
    // Pages of files that nobody has touched for long are given back when memory runs short: they are not in use.
    let reclaimable = read("memory.stat").and_then(|text| stat(&text, reclaimable)).unwrap_or(0);
    Some(MemoryLimit { limit, available: limit.saturating_sub(usage.saturating_sub(reclaimable)) })
}

fn quota_v2(group: &Path) -> Option<CpuQuota> {
    let text = fs::read_to_string(group.join("cpu.max")).ok()?;
    let (quota, period) = text.trim().split_once(' ')?;
    let cores = cores(quota.parse().ok()?, period.parse().ok()?)?;
    Some(CpuQuota { cores, used: Used::Stat(group.join("cpu.stat")) })
}

fn quota_v1(limits: &Path, counts: &Path) -> Option<CpuQuota> {
    let cores = cores(number(&limits.join("cpu.cfs_quota_us"))?, number(&limits.join("cpu.cfs_period_us"))?)?;
    Some(CpuQuota { cores, used: Used::Nanoseconds(counts.join("cpuacct.usage")) })
}

/// A quota below zero is none.
fn cores(quota: f64, period: f64) -> Option<f64> {
    (quota > 0.0 && period > 0.0).then_some(quota / period)
}

fn number(file: &Path) -> Option<f64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn stat(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(group: &Path, files: &[(&str, &str)]) {
        fs::create_dir_all(group).unwrap();
        for (name, text) in files {
            fs::write(group.join(name), text).unwrap();
        }
    }

    #[test]
    fn the_tightest_group_above_counts() {
        let root = tempfile::tempdir().unwrap();
        let stat = "anon 1\ninactive_file 100\n";
        write(root.path(), &[]);
        write(
            &root.path().join("a"),
            &[
                ("memory.max", "2000\n"),
                ("memory.current", "1500\n"),
                ("memory.stat", stat),
                ("cpu.max", "150000 100000\n"),
            ],
        );
        write(
            &root.path().join("a/b"),
            &[("memory.max", "max\n"), ("memory.current", "900\n"), ("cpu.max", "max 100000\n")],
        );
        let groups = Groups::new(root.path(), "0::/a/b\n");
        assert_eq!(groups.memory(), Some(MemoryLimit { limit: 2000, available: 600 }));
        let quota = groups.cpu_quota().unwrap();
        assert_eq!((quota.cores, quota.used), (1.5, Used::Stat(root.path().join("a/cpu.stat"))));
    }

    #[test]
    fn version_1_has_a_folder_per_controller() {
        let root = tempfile::tempdir().unwrap();
        write(
            &root.path().join("memory/x"),
            &[
                ("memory.limit_in_bytes", "1000"),
                ("memory.usage_in_bytes", "400"),
                ("memory.stat", "total_inactive_file 50"),
            ],
        );
        write(&root.path().join("cpu"), &[("cpu.cfs_quota_us", "-1"), ("cpu.cfs_period_us", "100000")]);
        write(&root.path().join("cpu/x"), &[("cpu.cfs_quota_us", "50000"), ("cpu.cfs_period_us", "100000")]);
        write(&root.path().join("cpuacct/x"), &[("cpuacct.usage", "2500000000\n")]);
        let groups = Groups::new(root.path(), "4:memory:/x\n1:cpu,cpuacct:/x\n0::/\n");
        assert_eq!(groups.memory(), Some(MemoryLimit { limit: 1000, available: 650 }));
        let quota = groups.cpu_quota().unwrap();
        assert_eq!((quota.cores, quota.seconds_used()), (0.5, Some(2.5)));
        assert_eq!(Groups::new(root.path(), "1:cpu:/\n").cpu_quota(), None);
    }

    #[test]
    fn without_groups_there_is_no_limit() {
        let groups = Groups::new(Path::new("/nowhere"), "garbage\n\n0::/a/../b");
        assert_eq!(groups.memory(), None);
    }
}
