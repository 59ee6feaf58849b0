//! One life of a worker: started, greeted, loaded, and in the end killed and reaped, whatever happened.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::frame::{Frames, Received, send};
use super::parent::WorkerOptions;
use super::protocol::{FromWorker, ToWorker, VERSION};
use crate::engine::Pace;
use crate::error::LoadError;

/// How long a read of the socket waits; between two the supervisor looks after other things.
const READ: Duration = Duration::from_millis(100);
/// A worker that takes no message for so long is not working: messages are read by a thread that does nothing else.
const WRITE: Duration = Duration::from_secs(1);
/// Lines of the worker's standard error that are kept for the message that tells of its death.
const LAST_WORDS: usize = 4;

/// What a worker told once its model was there.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// What the model's answers depend on.
    pub fingerprint: String,
    /// How fast it was when it was loaded.
    pub pace: Option<Pace>,
    /// From the start of the process to here.
    pub took: Duration,
}

/// A running worker.
pub(super) struct Process {
    child: Child,
    pub(super) frames: Frames<UnixStream>,
    pub(super) writer: UnixStream,
    pub(super) begun: Instant,
    last_words: Arc<Mutex<VecDeque<String>>>,
    listener: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts the program. To be called on a thread that lives as long as the worker: the kernel kills the worker with it.
    pub(super) fn start(options: &WorkerOptions) -> Result<Self, LoadError> {
        let program = &options.command.program;
        let failed = |source| LoadError::Start { program: program.clone(), source };
        let (ours, theirs) = UnixStream::pair().map_err(failed)?;
        ours.set_read_timeout(Some(READ)).map_err(failed)?;
        ours.set_write_timeout(Some(WRITE)).map_err(failed)?;
        let writer = ours.try_clone().map_err(failed)?;
        let mut child = Command::new(program)
            .args(&options.command.arguments)
            .envs(options.command.environment.iter().map(|(name, value)| (name, value)))
            // ggml would start a debugger to print where it failed, which outlives the worker.
            .env("GGML_NO_BACKTRACE", "1")
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let last_words = Arc::default();
        let listener = child.stderr.take().and_then(|stderr| listen(stderr, Arc::clone(&last_words)));
        Ok(Self { child, frames: Frames::new(ours), writer, begun: Instant::now(), last_words, listener })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Has the worker load its model; waits for it at most as long as the options say, and no longer than it is wanted.
    pub(super) fn load(
        &mut self,
        options: &WorkerOptions,
        wanted: impl Fn() -> bool,
    ) -> Result<Loaded, LoadError> {
        let path = &options.model.file;
        let load = ToWorker::load(&options.model, options.memory);
        if send(&self.writer, &load).is_err() {
            return Err(self.died(options));
        }
        while self.begun.elapsed() < options.loading {
            if !wanted() {
                return Err(LoadError::Worker("it was unloaded meanwhile".to_owned()));
            }
            match self.frames.receive() {
                Ok(Received::Message(FromWorker::Hello { version: VERSION })) | Ok(Received::Nothing) => {}
                Ok(Received::Message(FromWorker::Loaded { fingerprint, pace })) => {
                    return Ok(Loaded { fingerprint, pace, took: self.begun.elapsed() });
                }
                Ok(Received::Message(FromWorker::NotLoaded { reason })) => {
                    return Err(LoadError::Worker(reason));
                }
                Ok(Received::Message(other)) => {
                    let reason =
                        format!("it said {other:?} where it should load; expected version {VERSION}");
                    return Err(LoadError::Worker(reason));
                }
                Ok(Received::Closed) => return Err(self.died(options)),
                Err(error) => return Err(LoadError::Worker(error.to_string())),
            }
        }
        Err(LoadError::TooSlow { path: path.clone(), limit: options.loading })
    }

    fn died(&mut self, options: &WorkerOptions) -> LoadError {
        LoadError::Died { path: options.model.file.clone(), how: self.end() }
    }

    /// Kills and reaps the worker, and gives how it ended. Can be called again.
    pub(super) fn end(&mut self) -> String {
        // One that closed its socket is about to end by itself, and its own end says more than ours.
        let ended = wait(&mut self.child, Duration::from_millis(500));
        let status = match ended {
            Ok(Some(status)) => Ok(status),
            _ => self.child.kill().and_then(|()| self.child.wait()),
        };
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
        let status = status.map_or_else(|error| error.to_string(), describe);
        let words = lock(&self.last_words).iter().cloned().collect::<Vec<_>>().join("; ");
        if words.is_empty() { status } else { format!("{status}; its last words: {words}") }
    }

    /// Kills the worker without waiting for it to end by itself.
    pub(super) fn kill(&mut self) {
        drop(self.child.kill());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        match child.try_wait()? {
            None if begun.elapsed() < limit => std::thread::sleep(Duration::from_millis(2)),
            status => return Ok(status),
        }
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(libc::SIGABRT)) => "it aborted".to_owned(),
        (None, Some(libc::SIGKILL)) => "it was killed".to_owned(),
        (None, Some(libc::SIGBUS)) => {
            "its file could not be read any more: it was cut short, or the disk failed".to_owned()
        }
        (None, Some(libc::SIGSEGV)) => "it touched memory that is not there".to_owned(),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}

/// Reads the worker's standard error to its end, so that it never waits for us; the log gets it.
fn listen(stderr: ChildStderr, last_words: Arc<Mutex<VecDeque<String>>>) -> Option<JoinHandle<()>> {
    let body = move || {
        // What a file's own texts bring into a message need not be UTF-8.
        for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            tracing::debug!(target: "worker", "{line}");
            let mut words = lock(&last_words);
            if words.len() == LAST_WORDS {
                words.pop_front();
            }
            words.push_back(line);
        }
    };
    std::thread::Builder::new().name("worker-stderr".to_owned()).spawn(body).ok()
}

/// What this guards is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
