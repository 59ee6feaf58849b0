//! A disk that is soon full.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small file system in memory, unmounted with the value.
pub struct SmallDisk(PathBuf);

/// What such a file system gives at a time.
const PAGE: u64 = 4096;

impl SmallDisk {
    /// Mounts one of so many mebibytes on a folder; `None` where this user may not mount.
    pub fn mount(at: &Path, mebibytes: u32) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "tmpfs"]).arg(at);
        mount.output().ok()?.status.success().then(|| Self(at.to_owned()))
    }

    /// Fills it up to the last page, so that whoever writes more than that is cut short.
    pub fn fill(&self) -> io::Result<()> {
        let mut ballast = File::create(self.ballast())?;
        let mut written = 0;
        while let Ok(more) = ballast.write(&[1; PAGE as usize]) {
            written += more as u64;
        }
        ballast.set_len(written.saturating_sub(PAGE))
    }

    /// Gives the space back that [`SmallDisk::fill`] took.
    pub fn clear(&self) -> io::Result<()> {
        fs::remove_file(self.ballast())
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Whoever still has a file of it open doesn't keep it mounted.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}
