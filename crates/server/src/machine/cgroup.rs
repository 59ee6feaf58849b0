//! The server's own control group, and every one above it: the tightest limit is the one that holds. Version 2, and the
//! memory controller of version 1.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders of the groups that hold this process, innermost first.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups {
    unified: Vec<PathBuf>,
    memory_v1: Vec<PathBuf>,
}

/// Memory of the tightest group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MemoryLimit {
    pub(super) limit: u64,
    pub(super) available: u64,
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
            if controllers.is_empty() {
                groups.unified = chain(root, path);
            } else if controllers.split(',').any(|name| name == "memory") {
                groups.memory_v1 = chain(&root.join("memory"), path);
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

    /// The group with the smallest share of processor time, and how many cores that is.
    pub(super) fn cpu_quota(&self) -> Option<(PathBuf, f64)> {
        let quotas = self.unified.iter().filter_map(|group| Some((group.clone(), quota(group)?)));
        quotas.min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// Seconds of processor time that a group has used.
pub(super) fn cpu_seconds(group: &Path) -> Option<f64> {
    let microseconds = stat(&fs::read_to_string(group.join("cpu.stat")).ok()?, "usage_usec")?;
    Some(microseconds as f64 / 1e6)
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

fn quota(group: &Path) -> Option<f64> {
    let text = fs::read_to_string(group.join("cpu.max")).ok()?;
    let (quota, period) = text.trim().split_once(' ')?;
    let (quota, period) = (quota.parse::<f64>().ok()?, period.parse::<f64>().ok()?);
    (period > 0.0).then_some(quota / period)
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
        assert_eq!(groups.cpu_quota(), Some((root.path().join("a"), 1.5)));
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
        let groups = Groups::new(root.path(), "4:memory:/x\n1:cpu:/\n0::/\n");
        assert_eq!(groups.memory(), Some(MemoryLimit { limit: 1000, available: 650 }));
        assert_eq!(groups.cpu_quota(), None);
    }

    #[test]
    fn without_groups_there_is_no_limit() {
        let groups = Groups::new(Path::new("/nowhere"), "garbage\n\n0::/a/../b");
        assert_eq!(groups.memory(), None);
    }
}
