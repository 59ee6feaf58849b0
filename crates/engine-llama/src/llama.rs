//! A GGUF model in this process, as a [`LanguageModel`].
//!
//! For programs that trust the file: what llama.cpp does not expect can end the process. A server puts the same into a worker.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use find_facts_core::{Deadline, EngineError, LanguageModel, Likelihood, Prompt};
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llguidance::api::TopLevelGrammar;
use llguidance::{Matcher, ParserFactory};

use crate::backend::{backend, take_complaints};
use crate::engine::{Done, Limits, Pace, Probe, Refusal, Request, Work, context_parameters, run};
use crate::error::LoadError;
use crate::prompt::{Format, cut, plain};
use crate::{fingerprint, gguf};

/// Requests that may wait for the thread. More callers than a server has threads for its tiers; whoever comes then is told
/// at once that the engine is overloaded.
const QUEUE: usize = 64;

/// How often a waiting caller looks whether it is still wanted: the cancel flag wakes nobody.
const CANCEL_CHECK: Duration = Duration::from_millis(5);

/// Cells of the cache: four prompts of some hundred tokens. SmolLM-1.7B takes 192 KiB for each.
pub(crate) const CELLS: usize = 2048;

/// Which model, and how much of the machine it may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlamaOptions {
    /// The name shown to clients.
    pub name: String,
    /// The GGUF file.
    pub file: PathBuf,
    /// At most so many threads; fewer where measuring finds that more bring nothing.
    pub threads: NonZeroUsize,
}

/// A loaded model.
pub struct Llama {
    name: String,
    fingerprint: String,
    model: Arc<LlamaModel>,
    format: Format,
    grammars: ParserFactory,
    limits: Limits,
    pace: Pace,
    /// `None` once it is being dropped.
    requests: RwLock<Option<SyncSender<Request>>>,
    thread: Option<JoinHandle<()>>,
}

impl Llama {
    /// Checks the file, loads it, and measures how fast it is here. Takes as long as reading the file does.
    pub fn load(options: &LlamaOptions) -> Result<Self, LoadError> {
        let path = &options.file;
        let (header, length) =
            gguf::inspect(path).map_err(|source| LoadError::File { path: path.clone(), source })?;
        let fingerprint = fingerprint::fingerprint(path, header.length, length)
            .map_err(|source| LoadError::File { path: path.clone(), source: source.into() })?;
        let backend = backend()?;
        let refused = |()| LoadError::Refused { path: path.clone(), reason: take_complaints() };
        let unfit = |reason: String| LoadError::Unfit { path: path.clone(), reason };
        let model = LlamaModel::load_from_file(backend, path, &LlamaModelParams::default())
            .map_err(|_| refused(()))?;
        let model = Arc::new(model);
        let format = Format::of(&model).map_err(unfit)?;
        let grammars = ParserFactory::new_simple(&LlamaSampler::llguidance_tok_env(&model))
            .map_err(|error| unfit(format!("its vocabulary cannot be used for grammars: {error:#}")))?;
        let probe = Probe { model: &model, backend };
        let pace =
            probe.choose(options.threads).map_err(|reason| unfit(format!("it does not run: {reason}")))?;
        let length = CELLS.min(usize::try_from(model.n_ctx_train()).unwrap_or(CELLS));
        let limits = Limits { cells: CELLS, length, chunk: pace.chunk };
        let (requests, thread) = start(Arc::clone(&model), limits, pace.threads, path)?;
        Ok(Self {
            name: options.name.clone(),
            fingerprint,
            model,
            format,
            grammars,
            limits,
            pace,
            requests: RwLock::new(Some(requests)),
            thread: Some(thread),
        })
    }

    /// How fast it was when it was loaded, and with how many threads it works.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    fn work(&self, prompt: Vec<LlamaToken>, work: Work, deadline: &Deadline) -> Result<Done, EngineError> {
        let wanted = prompt.len() + Limits::beside(&work);
        if wanted > self.limits.length {
            let limit = self.limits.length;
            return Err(self.failed(format!("{wanted} tokens are asked; this model reads {limit}")));
        }
        let (reply, answer) = mpsc::sync_channel(1);
        let request = Request { prompt, work, deadline: deadline.clone(), reply };
        self.send(request)?;
        self.wait(&answer, deadline)
    }

    fn send(&self, request: Request) -> Result<(), EngineError> {
        let requests = self.requests.read().unwrap_or_else(PoisonError::into_inner);
        match requests.as_ref().map(|requests| requests.try_send(request)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(EngineError::Overloaded { engine: self.name.clone() }),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(self.ended()),
        }
    }

    fn wait(
        &self,
        answer: &Receiver<Result<Done, Refusal>>,
        deadline: &Deadline,
    ) -> Result<Done, EngineError> {
        loop {
            let left = deadline.remaining().unwrap_or(CANCEL_CHECK).min(CANCEL_CHECK);
            match answer.recv_timeout(left) {
                Ok(Ok(done)) => return Ok(done),
                Ok(Err(Refusal::Deadline(over))) => return Err(over.into()),
                Ok(Err(refusal @ Refusal::Failed(_))) => return Err(self.failed(refusal)),
                Err(RecvTimeoutError::Timeout) => deadline.check()?,
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
            }
        }
    }

    fn failed(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> EngineError {
        EngineError::Failed { engine: self.name.clone(), source: source.into() }
    }

    fn ended(&self) -> EngineError {
        let reason = "its thread has ended; load it again".to_owned();
        EngineError::Unavailable { engine: self.name.clone(), reason }
    }

    fn text_of(&self, tokens: &[LlamaToken]) -> String {
        let vocab = self.model.vocab();
        let bytes: Vec<u8> =
            tokens.iter().flat_map(|token| vocab.token_to_piece(*token, false, None)).collect();
        match String::from_utf8(bytes) {
            Ok(text) => text,
            // Cut off in the middle of a character.
            Err(error) => {
                let whole = error.utf8_error().valid_up_to();
                String::from_utf8_lossy(&error.as_bytes()[..whole]).into_owned()
            }
        }
    }
}

/// Starts the thread, and waits until its context is there.
fn start(
    model: Arc<LlamaModel>,
    limits: Limits,
    threads: NonZeroUsize,
    path: &Path,
) -> Result<(SyncSender<Request>, JoinHandle<()>), LoadError> {
    let (requests, receiver) = mpsc::sync_channel(QUEUE);
    let (ready, begun) = mpsc::sync_channel(1);
    let body = move || {
        let parameters = context_parameters(limits.cells, limits.chunk, Limits::SEQUENCES, threads);
        let context = backend()
            .map_err(|error| error.to_string())
            .and_then(|backend| model.new_context(backend, parameters).map_err(|_| take_complaints()));
        match context {
            Ok(context) => {
                drop(ready.send(Ok(())));
                run(context, limits, &receiver);
            }
            Err(reason) => drop(ready.send(Err(reason))),
        }
    };
    let no_thread = |error: std::io::Error| LoadError::Engine(format!("no thread for it: {error}"));
    let thread = std::thread::Builder::new().name("llama".to_owned()).spawn(body).map_err(no_thread)?;
    match begun.recv() {
        Ok(Ok(())) => Ok((requests, thread)),
        Ok(Err(reason)) => Err(LoadError::Refused { path: path.to_owned(), reason }),
        Err(_) => Err(LoadError::Engine("its thread ended at once".to_owned())),
    }
}

impl LanguageModel for Llama {
    fn name(&self) -> &str {
        &self.name
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn score(
        &self,
        prompt: &Prompt<'_>,
        continuations: &[&str],
        deadline: &Deadline,
    ) -> Result<Vec<Likelihood>, EngineError> {
        deadline.check()?;
        if continuations.is_empty() {
            return Ok(Vec::new());
        }
        let vocab = self.model.vocab();
        let mut tokens = self.format.tokens(&vocab, prompt).map_err(|error| self.failed(error))?;
        let reply = plain(&vocab, prompt.reply);
        let whole = |text: &&str| plain(&vocab, &format!("{}{text}", prompt.reply));
        let cut = cut(&reply, continuations.iter().map(whole).collect());
        if cut.rest.iter().all(Vec::is_empty) {
            return Ok(vec![Likelihood { log_probability: 0.0, tokens: 0 }; cut.rest.len()]);
        }
        tokens.extend(cut.shared);
        match self.work(tokens, Work::Score(cut.rest), deadline)? {
            Done::Scored(scores) => Ok(scores),
            Done::Wrote(_) => Err(self.failed("it wrote where it should score")),
        }
    }

    fn generate(
        &self,
        prompt: &Prompt<'_>,
        grammar: &str,
        most: usize,
        deadline: &Deadline,
    ) -> Result<String, EngineError> {
        deadline.check()?;
        if most == 0 {
            return Ok(String::new());
        }
        let vocab = self.model.vocab();
        let mut tokens = self.format.tokens(&vocab, prompt).map_err(|error| self.failed(error))?;
        tokens.extend(plain(&vocab, prompt.reply));
        let matcher =
            Matcher::new(self.grammars.create_parser(TopLevelGrammar::from_lark(grammar.to_owned())));
        if let Some(error) = matcher.get_error() {
            return Err(self.failed(format!("the grammar cannot be used: {error}")));
        }
        match self.work(tokens, Work::Write { grammar: Box::new(matcher), most }, deadline)? {
            Done::Wrote(tokens) => Ok(self.text_of(&tokens)),
            Done::Scored(_) => Err(self.failed("it scored where it should write")),
        }
    }
}

impl Drop for Llama {
    /// Ends the thread after what it works on, for which nobody can wait any more.
    fn drop(&mut self) {
        *self.requests.write().unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
