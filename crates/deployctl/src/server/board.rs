//! Where the server shows how the run stands, and where orders for it wait.

use find_facts_api::rollout::{Command, PendingCommand, RolloutProgress, RolloutState, RolloutWrite};
use find_facts_rollout::ports::{Board, PortError};

use super::AdminServer;

const PATH: &str = "/admin/v1/rollout";

impl Board for AdminServer {
    fn show(&self, progress: &RolloutProgress, acknowledge: u64) -> Result<(), PortError> {
        let write = RolloutWrite::Report { progress: progress.clone(), acknowledge };
        let _state: RolloutState = self.client.put(PATH, &write)?;
        Ok(())
    }

    fn commands(&self) -> Result<Vec<PendingCommand>, PortError> {
        let state: RolloutState = self.client.get(PATH)?;
        Ok(state.commands.into_iter().filter(|command| command.run == self.run).collect())
    }

    fn order(&self, command: Command, by: &str) -> Result<(), PortError> {
        let write = RolloutWrite::Command { command, by: by.to_owned() };
        let _state: RolloutState = self.client.put(PATH, &write)?;
        Ok(())
    }
}
