//! Programs that come from the operating system. Installed through apt by root; anybody else gets the one command.

use anyhow::{Result, bail};

use super::Outcome;
use crate::shell::{command, is_on_path, read, run};

/// A program and the Debian package that has it.
const NEEDED: &[(&str, &str)] = &[
    ("cc", "gcc"),
    ("c++", "g++"),
    ("python3", "python3"),
    ("git", "git"),
    ("cmake", "cmake"),
    // llama.cpp is compiled once and found again by every profile and every clean build.
    ("ccache", "ccache"),
];

/// Where Debian puts the library that reads C headers, of whichever version; it is no program.
const LIBCLANG: &str = "/usr/lib";

/// Looks for each program, and asks apt only for what is missing.
pub(super) fn packages() -> Result<Outcome> {
    let mut missing: Vec<&str> =
        NEEDED.iter().filter(|(program, _)| !is_on_path(program)).map(|(_, package)| *package).collect();
    // `python3` alone does not bring pip on Debian.
    if read(&mut command("python3", ["-m", "pip", "--version"])).is_err() {
        missing.push("python3-pip");
    }
    if !has_libclang() {
        missing.push("libclang-dev");
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

/// Whether bindgen will find libclang: named by its variable, or in one of LLVM's folders.
fn has_libclang() -> bool {
    if std::env::var_os("LIBCLANG_PATH").is_some() {
        return true;
    }
    let folders = std::fs::read_dir(LIBCLANG).into_iter().flatten().flatten();
    let of_llvm = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("llvm-");
    folders
        .filter(|folder| of_llvm(&folder.file_name()))
        .any(|folder| folder.path().join("lib/libclang.so").exists())
}
