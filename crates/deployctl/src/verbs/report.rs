//! `report`: writes a run's report again, as far as the run has come.

use std::path::Path;

use crate::context::Context;
use crate::failure::Failure;
use crate::report::Report;
use crate::run::{Stored, choose};

/// Writes the report of the run asked for, else of the last one.
pub fn report(context: &Context, asked: Option<&str>, out: Option<&Path>) -> Result<(), Failure> {
    let stored = Stored::read(&context.runs, &choose(&context.runs, asked)?)?;
    let written = Report::of(&stored)?.write(&stored, out)?;
    context.output.show(&written, |written| {
        let mark = stored.prepared.schedule.scale.to_string();
        let lines = format!("{}\n{}", written.html.display(), written.json.display());
        if mark.is_empty() { lines } else { format!("{mark}: {}\n{lines}", stored.opened.run) }
    });
    Ok(())
}
