//! Published bucketing vectors, kept outside the repository, asked of our own evaluator.

use std::path::Path;

use anyhow::Result;

use crate::shell::{cargo, run};

/// Hands the vectors of `folder` to the flags crate's example, which prints passed and skipped rows.
pub(crate) fn run_on(folder: &str) -> Result<()> {
    let rows = Path::new(folder).join("flagd_fractional.json");
    let rows = std::path::absolute(&rows)?;
    run(cargo(["run", "--quiet", "--package", "find-facts-flags", "--example", "vectors", "--"]).arg(rows))
}
