//! The worker's side: load what the parent names, answer its calls, end when it has gone.
//!
//! The socket is the standard input. Its end is noticed whatever the model is doing, because nothing but reading
//! it happens on this thread.

use std::collections::HashMap;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use find_facts_core::{Deadline, LanguageModel, SystemClock};

use super::frame::{Frames, Received, send};
use super::protocol::{Ask, FromWorker, Outcome, OwnedPrompt, ToWorker, VERSION};
use crate::engine::Pace;
use crate::error::{LoadError, chain};
use crate::llama::{Llama, LlamaOptions};

/// A call's thread tokenises a prompt and compiles a grammar; it does no more.
const CALL_STACK: usize = 1 << 20;

/// Runs a worker over the standard input until the parent has gone; for the hidden subcommand of a program.
pub fn serve() -> io::Result<()> {
    serve_with(|options| {
        let llama = Llama::load(options)?;
        let pace = llama.pace();
        Ok((Arc::new(llama), Some(pace)))
    })
}

/// As [`serve`], with another way to load; for tests of what happens when a model misbehaves.
pub fn serve_with<L>(load: L) -> io::Result<()>
where
    L: FnOnce(&LlamaOptions) -> Result<(Arc<dyn LanguageModel>, Option<Pace>), LoadError> + Send + 'static,
{
    limits::leave_the_end_to_the_parent()?;
    std::panic::set_hook(Box::new(end_with_last_words));
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    limits::end_with_parent()?;
    limits::no_core_dump()?;
    limits::give_way();
    let worker = Arc::new(Worker {
        writer: Mutex::new(socket.try_clone()?),
        model: Mutex::new(None),
        running: Mutex::default(),
    });
    worker.say(&FromWorker::Hello { version: VERSION });
    let mut load = Some(load);
    let mut frames = Frames::new(socket);
    loop {
        match frames.receive()? {
            Received::Message(ToWorker::Load { version, name, file, threads, memory }) => {
                let Some(load) = load.take() else { return Err(said("`load` twice")) };
                if version != VERSION {
                    worker.not_loaded(format!("the parent speaks version {version}, this worker {VERSION}"));
                }
                limits::memory(memory)?;
                let (worker, options) = (Arc::clone(&worker), LlamaOptions { name, file, threads });
                std::thread::spawn(move || worker.load(load, &options));
            }
            Received::Message(ToWorker::Call { call, prompt, ask, left_micros }) => {
                worker.begin(call, prompt, ask, left_micros)?;
            }
            Received::Message(ToWorker::Cancel { call }) => worker.cancel(call),
            Received::Nothing => {}
            Received::Closed => return Ok(()),
        }
    }
}

/// A panic ends the worker: a thread that ended alone would leave its caller, or the whole load, waiting for nothing.
fn end_with_last_words(panic: &std::panic::PanicHookInfo<'_>) {
    // Nothing is left to be done where even this cannot be written.
    drop(writeln!(io::stderr(), "{panic}"));
    std::process::abort()
}

fn said(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the parent said {what}"))
}

struct Worker {
    writer: Mutex<UnixStream>,
    model: Mutex<Option<Arc<dyn LanguageModel>>>,
    running: Mutex<HashMap<u64, Deadline>>,
}

impl Worker {
    fn load<L>(&self, load: L, options: &LlamaOptions)
    where
        L: FnOnce(&LlamaOptions) -> Result<(Arc<dyn LanguageModel>, Option<Pace>), LoadError>,
    {
        match load(options) {
            Ok((model, pace)) => {
                let fingerprint = model.fingerprint().to_owned();
                *lock(&self.model) = Some(model);
                self.say(&FromWorker::Loaded { fingerprint, pace });
            }
            Err(error) => self.not_loaded(chain(&error)),
        }
    }

    fn not_loaded(&self, reason: String) -> ! {
        self.say(&FromWorker::NotLoaded { reason });
        std::process::exit(1)
    }

    fn begin(
        self: &Arc<Self>,
        call: u64,
        prompt: OwnedPrompt,
        ask: Ask,
        left: Option<u64>,
    ) -> io::Result<()> {
        let deadline = match left {
            Some(micros) => Deadline::after(Duration::from_micros(micros), Arc::new(SystemClock)),
            None => Deadline::none(),
        };
        lock(&self.running).insert(call, deadline.clone());
        let worker = Arc::clone(self);
        let run = move || {
            let outcome = worker.answer(&prompt, &ask, &deadline);
            lock(&worker.running).remove(&call);
            worker.say(&FromWorker::Answer { call, outcome });
        };
        std::thread::Builder::new().name("call".to_owned()).stack_size(CALL_STACK).spawn(run)?;
        Ok(())
    }

    fn answer(&self, prompt: &OwnedPrompt, ask: &Ask, deadline: &Deadline) -> Outcome {
        let Some(model) = lock(&self.model).clone() else {
            return Outcome::Unavailable("the model is still being loaded".to_owned());
        };
        match ask {
            Ask::Score { continuations } => {
                let texts: Vec<&str> = continuations.iter().map(String::as_str).collect();
                Outcome::scored(model.score(&prompt.as_prompt(), &texts, deadline))
            }
            Ask::Write { grammar, most } => {
                Outcome::wrote(model.generate(&prompt.as_prompt(), grammar, *most, deadline))
            }
        }
    }

    fn cancel(&self, call: u64) {
        if let Some(deadline) = lock(&self.running).get(&call) {
            deadline.cancel();
        }
    }

    fn say(&self, message: &FromWorker) {
        // A parent that has gone is noticed where its messages are read.
        drop(send(&*lock(&self.writer), message));
    }
}

/// What these guard is whole between any two statements.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the kernel holds the worker to.
mod limits {
    use std::io;

    /// Ignores the signals by which a terminal or a service manager ends (or reloads) the parent and all that belongs to it: the
    /// parent lets its requests end first, and they need this worker.
    pub(super) fn leave_the_end_to_the_parent() -> io::Result<()> {
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            #[expect(unsafe_code, reason = "the standard library has no binding of signal")]
            // SAFETY: ignoring a signal runs no handler.
            let before = unsafe { libc::signal(signal, libc::SIG_IGN) };
            if before == libc::SIG_ERR {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    }

    /// Ends this process when the thread that started it does, also by a signal that nobody can catch. The socket's end
    /// says the same, but only while this process still reads it.
    pub(super) fn end_with_parent() -> io::Result<()> {
        #[cfg(target_os = "linux")]
        {
            #[expect(unsafe_code, reason = "the standard library has no binding of prctl")]
            // SAFETY: the call takes a number and changes nothing but this process's own attribute.
            let result = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
            if result != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    }

    /// Whoever else wants a core gets it first: a language model is a luxury.
    pub(super) fn give_way() {
        if let Err(error) = rustix::process::setpriority_process(None, 10) {
            tracing::debug!(%error, "the worker keeps its priority");
        }
    }

    /// What a dead worker held was a model's file; writing it to the disk again helps nobody.
    pub(super) fn no_core_dump() -> io::Result<()> {
        set(libc::RLIMIT_CORE, 0)
    }

    /// At most so many bytes of its own. The weights are mapped from their file and are not counted: the limit is for
    /// what a bad file could make llama.cpp allocate.
    pub(super) fn memory(bytes: u64) -> io::Result<()> {
        set(libc::RLIMIT_DATA, bytes)
    }

    fn set(resource: libc::__rlimit_resource_t, most: u64) -> io::Result<()> {
        let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
        #[expect(unsafe_code, reason = "the standard library has no binding of setrlimit")]
        // SAFETY: the pointer is to a value that outlives the call.
        let result = unsafe { libc::setrlimit(resource, &raw const limit) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}
