//! The project's own programs, as a release has them.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Outcome;
use crate::shell::{cargo, read, run};

/// Cargo knows whether there is anything to do, and shows its progress.
pub(super) fn build() -> Result<Outcome> {
    let packages = ["find-facts-server", "find-facts-deployctl", "find-facts-loadgen"];
    let names = packages.iter().flat_map(|name| ["--package", name]);
    run(&mut cargo(["build", "--release", "--bins"].into_iter().chain(names)))?;
    Ok(Outcome::Made)
}

/// Where cargo puts what it builds.
pub(super) fn target_folder() -> Result<PathBuf> {
    let text = read(&mut cargo(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata printed no JSON")?;
    let target = metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
    Ok(PathBuf::from(target))
}

/// Where a built program is.
pub(crate) fn path(name: &str) -> Result<PathBuf> {
    let path = target_folder()?.join("release").join(name);
    if !path.is_file() {
        bail!("`{}` is not there; run: cargo xtask setup", path.display());
    }
    Ok(path)
}
