//! What callers and the supervisor of a worker share: is it there, and who waits for what.

use std::collections::HashMap;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::frame::{frame, send};
use super::protocol::{Outcome, ToWorker};

/// The shared state.
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

enum State {
    Ready(Link),
    /// Dead, and why.
    Resting(String),
    Stopped,
}

/// The way to a worker that lives.
struct Link {
    process: u32,
    writer: UnixStream,
    next_call: u64,
    waiting: HashMap<u64, SyncSender<Outcome>>,
    /// Calls whose callers have gone, and since when the worker owes their end.
    overdue: HashMap<u64, Instant>,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self { state: Mutex::new(State::Resting("it is being started".to_owned())), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What it guards is whole between any two statements.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A worker is there. False where nobody wants it any more.
    pub(super) fn ready(&self, process: u32, writer: UnixStream) -> bool {
        let mut state = self.lock();
        if matches!(*state, State::Stopped) {
            return false;
        }
        let (waiting, overdue) = (HashMap::new(), HashMap::new());
        *state = State::Ready(Link { process, writer, next_call: 0, waiting, overdue });
        true
    }

    /// The worker has gone: all that wait for it learn it now, because their senders are dropped.
    pub(super) fn gone(&self, why: &str) {
        let mut state = self.lock();
        if !matches!(*state, State::Stopped) {
            *state = State::Resting(why.to_owned());
        }
    }

    /// Waits, or until it is stopped. Whether to go on.
    pub(super) fn rest(&self, rest: Duration) -> bool {
        let state = self.lock();
        let running = |state: &mut State| !matches!(state, State::Stopped);
        let (state, _) =
            self.changed.wait_timeout_while(state, rest, running).unwrap_or_else(PoisonError::into_inner);
        !matches!(*state, State::Stopped)
    }

    /// Ends it all; the supervisor sees the socket's end.
    pub(super) fn stop(&self) {
        let before = std::mem::replace(&mut *self.lock(), State::Stopped);
        if let State::Ready(link) = before {
            hang_up(&link.writer);
        }
        self.changed.notify_all();
    }

    pub(super) fn is_stopped(&self) -> bool {
        matches!(*self.lock(), State::Stopped)
    }

    /// The worker's process, while it lives.
    pub(super) fn process(&self) -> Option<u32> {
        match &*self.lock() {
            State::Ready(link) => Some(link.process),
            State::Resting(_) | State::Stopped => None,
        }
    }

    /// Sends a call and keeps where its answer goes. The reason, where there is no worker.
    pub(super) fn call(
        &self,
        answer: SyncSender<Outcome>,
        message: impl FnOnce(u64) -> ToWorker,
    ) -> Result<u64, String> {
        let mut state = self.lock();
        let link = match &mut *state {
            State::Ready(link) => link,
            State::Resting(why) => return Err(format!("its worker is not there: {why}")),
            State::Stopped => return Err("it has been unloaded".to_owned()),
        };
        let call = link.next_call;
        link.next_call += 1;
        // What is too long to be sent is this caller's affair; the worker has seen nothing of it.
        let frame = frame(&message(call)).map_err(|error| format!("it cannot be asked this: {error}"))?;
        if let Err(error) = (&link.writer).write_all(&frame) {
            // Half a message may be out; nothing that follows could be understood.
            hang_up(&link.writer);
            return Err(format!("its worker takes no message: {error}"));
        }
        link.waiting.insert(call, answer);
        Ok(call)
    }

    /// The caller has gone.
    pub(super) fn cancel(&self, call: u64, now: Instant) {
        if let State::Ready(link) = &mut *self.lock()
            && link.waiting.remove(&call).is_some()
        {
            link.overdue.insert(call, now);
            if send(&link.writer, &ToWorker::Cancel { call }).is_err() {
                hang_up(&link.writer);
            }
        }
    }

    /// An answer has come.
    pub(super) fn answered(&self, call: u64, outcome: Outcome) {
        if let State::Ready(link) = &mut *self.lock() {
            link.overdue.remove(&call);
            if let Some(answer) = link.waiting.remove(&call) {
                drop(answer.try_send(outcome));
            }
        }
    }

    /// For how long the worker has owed the end of a call that nobody wants any more.
    pub(super) fn longest_overdue(&self, now: Instant) -> Duration {
        match &*self.lock() {
            State::Ready(link) => {
                let oldest = link.overdue.values().min();
                oldest.map_or(Duration::ZERO, |since| now.saturating_duration_since(*since))
            }
            State::Resting(_) | State::Stopped => Duration::ZERO,
        }
    }
}

fn hang_up(writer: &UnixStream) {
    // It fails only where the other side has hung up already.
    drop(writer.shutdown(std::net::Shutdown::Both));
}
