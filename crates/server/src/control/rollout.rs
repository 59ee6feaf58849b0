//! What the controller last reported, and the operator's commands on their way to it. Kept over restarts: a command that
//! was accepted is not lost.

use find_facts_api::rollout::{PendingCommand, RolloutState, RolloutWrite, RunStatus};
use serde::{Deserialize, Serialize};

use super::{ChangeError, Control, lease};
use crate::state::StateError;

const ROLLOUT: &str = "rollout";

/// The state, and the number of the last command there ever was.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Stored {
    state: RolloutState,
    last_command: u64,
}

impl Control {
    /// `GET /admin/v1/rollout`.
    pub fn rollout(&self) -> Result<RolloutState, StateError> {
        Ok(self.stored_rollout()?.state)
    }

    /// Takes a controller's report or an operator's command.
    pub fn write_rollout(&self, write: RolloutWrite) -> Result<RolloutState, ChangeError> {
        let _writing = self.lock();
        let lease = self.lease()?;
        let mut stored = self.stored_rollout()?;
        match write {
            RolloutWrite::Report { progress, acknowledge } => {
                if let Some(other) = lease::keeps_out(lease, Some(&progress.run)) {
                    return Err(ChangeError::Held(other));
                }
                stored
                    .state
                    .commands
                    .retain(|command| command.id > acknowledge && command.run == progress.run);
                stored.state.progress = Some(progress);
            }
            RolloutWrite::Command { command, by } => {
                let run = lease.map(|lease| lease.run).or_else(|| unfinished(&stored.state));
                let run = run.ok_or(ChangeError::NoRun)?;
                stored.last_command += 1;
                stored.state.commands.push(PendingCommand { id: stored.last_command, command, run, by });
            }
        }
        self.state.cells.put(ROLLOUT, &stored)?;
        Ok(stored.state)
    }

    fn stored_rollout(&self) -> Result<Stored, StateError> {
        Ok(self.state.cells.get(ROLLOUT)?.unwrap_or_default())
    }
}

/// The run that was last seen and has not ended: it takes its commands when it is started again.
fn unfinished(state: &RolloutState) -> Option<String> {
    let progress = state.progress.as_ref()?;
    matches!(progress.status, RunStatus::Running | RunStatus::Paused | RunStatus::Held)
        .then(|| progress.run.clone())
}
