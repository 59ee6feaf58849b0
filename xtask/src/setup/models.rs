//! The ONNX Runtime library and the demo's models, through deployctl, which resumes, verifies and shows their licences.

use anyhow::Result;

use super::{Outcome, Scope, programs};
use crate::shell::{cargo, command, run};

/// Entries of `deploy-plans/models.toml` that need no hub: the tests load them, and the demo's Phase 1 caches them.
const MODELS: [&str; 3] = ["onnxruntime", "minilm", "smollm2-135m-instruct"];

/// What is there and has the right digest is left alone.
pub(super) fn pull(scope: Scope) -> Result<Outcome> {
    let mut deployctl = match scope {
        Scope::Tests => cargo(["run", "--quiet", "--bin", "deployctl", "--"]),
        Scope::All => command(&programs::path("deployctl")?.to_string_lossy(), [""; 0]),
    };
    run(deployctl.args(["models", "pull"]).args(MODELS))?;
    Ok(Outcome::Made)
}
