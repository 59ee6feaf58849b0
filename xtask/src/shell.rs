//! Programs started by the tasks. A program that fails is an error that names its command line.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The workspace's root, wherever the task was called from.
pub(crate) fn root() -> &'static Path {
    static ROOT: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    ROOT.get_or_init(|| {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        manifest.parent().unwrap_or(manifest).to_owned()
    })
}

/// Where the operator wants everything that set-up brings.
const HOME: &str = "FIND_FACTS_HOME";

/// The git-ignored folder for everything that set-up brings.
pub(crate) fn home() -> PathBuf {
    std::env::var_os(HOME).map_or_else(|| root().join(".find-facts"), PathBuf::from)
}

/// A command that runs in the workspace's root. Programs of ours look for models where set-up puts them.
pub(crate) fn command<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root()).env(HOME, home()).stdin(Stdio::null());
    command
}

/// The cargo that runs this task. What it told this task of its own package would have it build some libraries anew.
pub(crate) fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut cargo = command(option_env!("CARGO").unwrap_or("cargo"), arguments);
    for (name, _) in std::env::vars_os() {
        let about_this_package = ["CARGO_PKG_", "CARGO_MANIFEST_"];
        if about_this_package.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            cargo.env_remove(name);
        }
    }
    if is_on_path("ccache") {
        // llama.cpp, minutes of C++, is compiled once for all profiles and clean builds. CMake takes the variables from here.
        cargo.env("CMAKE_C_COMPILER_LAUNCHER", "ccache").env("CMAKE_CXX_COMPILER_LAUNCHER", "ccache");
    }
    cargo
}

/// Whether a program of this name can be started.
pub(crate) fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
}

/// Runs a command whose output the reader sees.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("`{}` did not start", line(command)))?;
    if !status.success() {
        bail!("`{}` failed: {status}", line(command));
    }
    Ok(())
}

/// Runs a command and returns what it printed; on failure what it said is part of the error.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("`{}` did not start", line(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed: {}\n{}", line(command), output.status, said.trim_end());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed no UTF-8", line(command)))
}

/// The command as a reader would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
