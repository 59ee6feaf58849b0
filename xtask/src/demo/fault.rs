//! The fault that the demo injects: from the moment the rollout reaches a share of callers, some of the tier's runs fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::server::Server;

/// The fault begins at this share of callers, in percent.
const AT_PERCENT: f64 = 25.0;
/// Share of the tier's runs that fail: far above every limit, yet most callers still get their answers from it, so that
/// one can see from outside until when the tier reached anybody.
const SHARE: f64 = 0.4;
/// Callers meet the tier at this share for a moment before it goes wrong.
const HEALTHY_FOR: Duration = Duration::from_secs(2);

/// A fault that waits for its moment.
pub(super) struct Ambush {
    given_up: Arc<AtomicBool>,
    watcher: JoinHandle<Result<Option<u64>>>,
}

/// Begins to watch the percentage.
pub(super) fn wait_for_exposure(server: &Server) -> Ambush {
    let given_up = Arc::new(AtomicBool::new(false));
    let (server, stop) = (server.clone(), given_up.clone());
    let watcher = spawn(move || {
        while server.tier1_percentage()? < AT_PERCENT {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            sleep(Duration::from_millis(100));
        }
        sleep(HEALTHY_FOR);
        server.fail_tier1(SHARE).map(Some)
    });
    Ambush { given_up, watcher }
}

impl Ambush {
    /// After the rollout has ended: when the fault was put in force, unix milliseconds.
    pub(super) fn sprung(self) -> Result<u64> {
        self.given_up.store(true, Ordering::Relaxed);
        let sprung = self.watcher.join().unwrap_or_else(|_| Ok(None))?;
        sprung.with_context(|| format!("the rollout ended before it reached {AT_PERCENT} % of callers"))
    }
}
