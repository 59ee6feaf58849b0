//! Room for what is built: better missed before the first line is compiled than after ten minutes, by a compiler.

use anyhow::{Context, Result, bail};

use super::programs::target_folder;
use super::{Outcome, Scope};
use crate::shell::{command, read};

/// What the target folder holds once everything is built, incremental state apart, and a fifth; MB, measured on empty clones.
fn needed(scope: Scope) -> u64 {
    match scope {
        Scope::Tests => 5_700,
        Scope::All => 2_600,
    }
}

/// Compares what the target folder has and may still take with what it needs.
pub(super) fn room(scope: Scope) -> Result<Outcome> {
    let folder = target_folder()?;
    let target = folder.as_os_str();
    let holds = number(&read(command("du", ["-skH"]).arg(target))?, 0, 0).context("`du` printed no size")?;
    let free =
        number(&read(command("df", ["-Pk"]).arg(target))?, 1, 3).context("`df` printed no free space")?;
    let needed = needed(scope);
    if holds + free < needed {
        bail!(
            "`{}` holds {holds} MB, {free} MB are free on its disk, and a full build takes {needed} MB: free {} MB, or name a folder \
             on another disk by CARGO_TARGET_DIR",
            folder.display(),
            needed - holds - free
        );
    }
    Ok(Outcome::Present)
}

/// The number at a place of a table of kilobytes, in MB.
fn number(table: &str, line: usize, column: usize) -> Option<u64> {
    let word = table.lines().nth(line)?.split_whitespace().nth(column)?;
    word.parse::<u64>().ok().map(|kilobytes| kilobytes / 1000)
}
