//! Programs that come from the operating system. Installed through apt by root; anybody else gets the one command.

use std::path::Path;

use anyhow::{Result, bail};

use super::Outcome;
use crate::shell::{command, read, run};

/// A program and the Debian package that has it.
const NEEDED: &[(&str, &str)] = &[("cc", "gcc"), ("c++", "g++"), ("python3", "python3"), ("git", "git")];

/// Looks for each program, and asks apt only for what is missing.
pub(super) fn packages() -> Result<Outcome> {
    let mut missing: Vec<&str> =
        NEEDED.iter().filter(|(program, _)| !is_on_path(program)).map(|(_, package)| *package).collect();
    // `python3` alone does not bring pip on Debian.
    if read(&mut command("python3", ["-m", "pip", "--version"])).is_err() {
        missing.push("python3-pip");
    }
    if missing.is_empty() {
        return Ok(Outcome::Present);
    }
    if read(&mut command("id", ["-u"]))?.trim() != "0" || !is_on_path("apt-get") {
        bail!("system packages are missing; run: sudo apt-get install -y {}", missing.join(" "));
    }
    run(&mut command("apt-get", ["update", "-qq"]))?;
    let install = ["install", "-y", "-qq", "--no-install-recommends"];
    run(command("apt-get", install).args(&missing).env("DEBIAN_FRONTEND", "noninteractive"))?;
    Ok(Outcome::Made)
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
}
