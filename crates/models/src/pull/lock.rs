//! One process at a time. The lock is the operating system's: it ends with the process that holds it, however that ends.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::Duration;

use find_facts_core::Deadline;

use super::error::{PullError, cache};
use crate::home::make_parent;

/// How often a waiting process looks again; a download takes seconds.
const LOOK: Duration = Duration::from_millis(50);

/// Held as long as the value lives.
pub(crate) struct Lock(
    #[expect(dead_code, reason = "held, not used: closing the file gives the lock back")] File,
);

impl Lock {
    /// Waits for the lock; `waiting` is called once if somebody else has it.
    pub(crate) fn acquire(
        path: &Path,
        deadline: &Deadline,
        mut waiting: impl FnMut(),
    ) -> Result<Self, PullError> {
        make_parent(path).map_err(cache(path))?;
        let file = File::create(path).map_err(cache(path))?;
        let mut first = true;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::Error(source)) => return Err(cache(path)(source)),
                Err(TryLockError::WouldBlock) => {}
            }
            if std::mem::take(&mut first) {
                waiting();
            }
            deadline.check()?;
            thread::sleep(LOOK);
        }
    }
}
