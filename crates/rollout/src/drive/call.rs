//! Calls that are repeated while the server is out of reach: with growing pauses, and for as long as the lease would last.

use std::time::Duration;

use super::{DriveError, Driver};
use crate::note::Note;
use crate::ports::{PortError, Server};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Why an act has no outcome of its own.
pub(super) enum Halt {
    /// It cannot be done.
    Failed(String),
    /// An operator's command comes first; the act is done again after it, if it still has to be.
    Ordered,
    /// The run stops.
    Stop(Box<DriveError>),
}

impl From<DriveError> for Halt {
    fn from(error: DriveError) -> Self {
        Halt::Stop(Box::new(error))
    }
}

impl Driver<'_> {
    /// Calls the server until it answers. A refusal is an answer.
    pub(super) fn call<T>(&mut self, call: impl Fn(&dyn Server) -> Result<T, PortError>) -> Result<T, Halt> {
        match self.reach(self.run.schedule.plan.lease().ttl, call)? {
            Ok(answer) => Ok(answer),
            Err(refusal) => Err(Halt::Failed(refusal.to_string())),
        }
    }

    /// Calls until there is an answer or a refusal, for at most `patience`.
    pub(super) fn reach<T>(
        &mut self,
        patience: Duration,
        call: impl Fn(&dyn Server) -> Result<T, PortError>,
    ) -> Result<Result<T, PortError>, DriveError> {
        let began = self.world.timer.now();
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match call(self.world.server) {
                Ok(answer) => return Ok(Ok(answer)),
                Err(PortError::LeaseHeld(lease)) => return Err(DriveError::LeaseHeld(lease)),
                Err(refusal @ PortError::Refused { .. }) => return Ok(Err(refusal)),
                Err(error @ PortError::Unreachable { .. }) => error,
            };
            let passed = self.world.timer.now().saturating_duration_since(began);
            if passed + pause > patience {
                return Err(DriveError::Unreachable(error));
            }
            self.world.audience.hear(&Note::Retrying { reason: chain(&error) });
            self.rest(pause)?;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// An error with its causes, in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
