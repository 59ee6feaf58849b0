//! `cargo xtask layers`: holds the workspace against the layer table. Each finding is one sentence; none is a pass.

mod edges;
mod sources;
mod table;
mod weight;
mod workspace;

use anyhow::{Result, bail};

use crate::out::say;

/// Checks edges, reserved libraries, the weight of the light crates and what the sources reach for.
pub(crate) fn run() -> Result<()> {
    let members = workspace::members()?;
    let mut findings = edges::check(&members, table::TABLE, table::RESERVED);
    findings.extend(weight::check(table::LIGHT)?);
    findings.extend(sources::check(&members)?);
    for finding in &findings {
        say(format_args!("layers: {finding}"));
    }
    if !findings.is_empty() {
        bail!("{} findings against the layer table", findings.len());
    }
    say(format_args!("layers: {} crates stand where the table puts them", members.len()));
    Ok(())
}
