//! The ONNX Runtime library and the demo's models, through deployctl, which resumes, verifies and shows their licences.

use anyhow::Result;

use super::{Outcome, Scope, programs};
use crate::shell::{cargo, command, run};

/// Entries of `deploy-plans/models.toml` that need no hub.
const ENTRIES: [&str; 2] = ["onnxruntime", "minilm-l6-v2"];

/// What is there and has the right digest is left alone.
pub(super) fn pull(scope: Scope) -> Result<Outcome> {
    let mut deployctl = match scope {
        Scope::Tests => cargo(["run", "--quiet", "--bin", "deployctl", "--"]),
        Scope::All => command(&programs::path("deployctl")?.to_string_lossy(), [""; 0]),
    };
    run(deployctl.args(["models", "pull"]).args(ENTRIES))?;
    Ok(Outcome::Made)
}
