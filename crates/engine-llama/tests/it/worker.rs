//! A model in a process of its own: this binary, started again.
//!
//! What llama.cpp does when it is misused is provoked for real, by words that the tests' own worker knows.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use find_facts_core::{Deadline, EngineError, LanguageModel, Likelihood, Prompt, SystemClock};
use find_facts_engine_llama::{
    Llama, LlamaOptions, LlamaWorker, LoadError, Pace, WorkerCommand, WorkerEvent, WorkerOptions,
    memory_taken, serve_with,
};

use crate::files::{TINY, Tiny, alike, options, patience, prompt, smol_file};

/// Memory of a tiny model's worker, with room.
const MEMORY: u64 = 1 << 30;

pub(crate) fn worker_options(file: &Path) -> WorkerOptions {
    WorkerOptions {
        model: options(file),
        command: this_binary("worker"),
        loading: Duration::from_secs(60),
        memory: MEMORY,
    }
}

/// This binary as the program that `role` of [`play`] makes of it.
pub(crate) fn this_binary(role: &str) -> WorkerCommand {
    let arguments = ["--exact", "worker::play", "--ignored", "--nocapture", "--test-threads=1"];
    WorkerCommand {
        program: std::env::current_exe().unwrap(),
        arguments: arguments.map(Into::into).to_vec(),
        environment: vec![(ROLE.into(), role.into())],
    }
}

const ROLE: &str = "ROLE_TO_PLAY";
const MODEL: &str = "MODEL_TO_LOAD";

/// Not a test of its own: what the tests of this file start.
#[test]
#[ignore = "started by the tests of this file"]
fn play() {
    match std::env::var(ROLE).unwrap().as_str() {
        "worker" => serve_with(misbehaving).unwrap(),
        "one thread" => serve_with(with_one_thread).unwrap(),
        "silent" => loop {
            thread::sleep(Duration::from_secs(3600));
        },
        "parent" => {
            let file = PathBuf::from(std::env::var_os(MODEL).unwrap());
            let worker = LlamaWorker::start(worker_options(&file), &Deadline::none(), |_| {}).unwrap();
            std::fs::write(file.with_extension("pid"), worker.process().unwrap().to_string()).unwrap();
            // Busy until it is killed, and then some: its parent will have gone.
            drop(worker.generate(&prompt("s", "hang", ""), "start: /a/", 1, &Deadline::none()));
        }
        role => panic!("{role}"),
    }
}

fn misbehaving(options: &LlamaOptions) -> Result<(Arc<dyn LanguageModel>, Option<Pace>), LoadError> {
    let llama = Llama::load(options)?;
    let pace = llama.pace();
    Ok((Arc::new(Misbehaving { llama, file: options.file.clone() }), Some(pace)))
}

/// Finds one thread to be enough, and writes down how many it was offered.
fn with_one_thread(options: &LlamaOptions) -> Result<(Arc<dyn LanguageModel>, Option<Pace>), LoadError> {
    let offered = options.file.with_extension("threads");
    let mut list = std::fs::File::options().create(true).append(true).open(offered).unwrap();
    writeln!(list, "{}", options.threads).unwrap();
    let llama = Llama::load(options)?;
    let pace = Pace { threads: NonZeroUsize::MIN, ..llama.pace() };
    Ok((Arc::new(llama), Some(pace)))
}

/// A model that does to llama.cpp what its user's text says.
struct Misbehaving {
    llama: Llama,
    file: PathBuf,
}

impl LanguageModel for Misbehaving {
    fn name(&self) -> &str {
        self.llama.name()
    }

    fn fingerprint(&self) -> &str {
        self.llama.fingerprint()
    }

    fn score(
        &self,
        prompt: &Prompt<'_>,
        continuations: &[&str],
        deadline: &Deadline,
    ) -> Result<Vec<Likelihood>, EngineError> {
        match prompt.user {
            "a batch over its limit" => abuse::oversized_batch(&self.file),
            "a grammar that masks all" => abuse::all_masked(&self.file),
            "hang" => loop {
                thread::sleep(Duration::from_secs(3600));
            },
            "panic" => {
                std::io::stderr().write_all(b"\xff is no UTF-8\n").unwrap();
                panic!("never heard of this");
            }
            "allocate" => drop(std::hint::black_box(vec![1_u8; 2 << 30])),
            _ => {}
        }
        self.llama.score(prompt, continuations, deadline)
    }

    fn generate(
        &self,
        prompt: &Prompt<'_>,
        grammar: &str,
        most: usize,
        deadline: &Deadline,
    ) -> Result<String, EngineError> {
        match prompt.user {
            "hang" => loop {
                thread::sleep(Duration::from_secs(3600));
            },
            _ => self.llama.generate(prompt, grammar, most, deadline),
        }
    }
}

/// Both of llama.cpp's own ways to end a process, without this crate's care.
mod abuse {
    use std::mem::ManuallyDrop;
    use std::path::Path;

    use llama_cpp_2::llama_backend::LlamaBackend;
    use llama_cpp_2::llama_batch::LlamaBatch;
    use llama_cpp_2::model::LlamaModel;
    use llama_cpp_2::model::params::LlamaModelParams;
    use llama_cpp_2::sampling::LlamaSampler;
    use llama_cpp_2::token::LlamaToken;
    use llama_cpp_2::token::data::LlamaTokenData;
    use llama_cpp_2::token::data_array::LlamaTokenDataArray;

    /// The backend is started in this process already; a second value of its type cannot be had.
    fn model(file: &Path) -> (ManuallyDrop<LlamaBackend>, LlamaModel) {
        #[expect(unsafe_code, reason = "the backend's only value belongs to the crate under test")]
        // SAFETY: the type has no content, and the backend is started: a model was loaded before.
        let backend = ManuallyDrop::new(unsafe { std::mem::transmute::<(), LlamaBackend>(()) });
        let model = LlamaModel::load_from_file(&backend, file, &LlamaModelParams::default()).unwrap();
        (backend, model)
    }

    pub(super) fn oversized_batch(file: &Path) {
        let (backend, model) = model(file);
        let parameters = super::small_context();
        let mut context = model.new_context(&backend, parameters).unwrap();
        let mut batch = LlamaBatch::new(64, 1);
        for position in 0..64 {
            batch.add(LlamaToken(1), position, &[0], true).unwrap();
        }
        context.decode(&mut batch).unwrap();
    }

    pub(super) fn all_masked(file: &Path) {
        let (_backend, model) = model(file);
        let mut grammar = LlamaSampler::grammar(&model, r#"root ::= "a""#, "root").unwrap();
        // Nothing but a token that the grammar does not begin with.
        let b = model.vocab().tokenize(b"b", false, false)[0];
        let mut data = LlamaTokenDataArray::new(vec![LlamaTokenData::new(b, 1.0, 0.0)], false);
        grammar.apply(&mut data);
        assert_eq!(data.data[0].logit(), f32::NEG_INFINITY);
        grammar.accept(b);
    }
}

/// A context whose batches have at most 32 tokens.
fn small_context() -> llama_cpp_2::context::params::LlamaContextParams {
    llama_cpp_2::context::params::LlamaContextParams::default()
        .with_n_ctx(std::num::NonZeroU32::new(128))
        .with_n_batch(32)
        .with_n_ubatch(32)
}

pub(crate) fn score(worker: &LlamaWorker, user: &str) -> Result<Vec<Likelihood>, EngineError> {
    worker.score(&prompt("s", user, ""), &["ab", "cd"], &patience())
}

/// Asks until the worker is back; the time that took.
fn back(worker: &LlamaWorker) -> Duration {
    let begun = Instant::now();
    while score(worker, "u").is_err() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the worker does not come back");
        thread::sleep(Duration::from_millis(10));
    }
    begun.elapsed()
}

fn is_alive(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    !status.is_empty() && !status.contains("State:\tZ")
}

#[track_caller]
pub(crate) fn ends(process: u32) {
    let begun = Instant::now();
    while is_alive(process) {
        assert!(begun.elapsed() < Duration::from_secs(20), "process {process} lives on");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_worker_says_what_the_model_says_in_process() {
    let question = prompt("You answer in a few words.", "What is the capital of France?", "It is");
    let tiny = Tiny::new();
    let worker = LlamaWorker::start(worker_options(&tiny.file), &Deadline::none(), |_| {}).unwrap();
    let [there, here] = [&worker as &dyn LanguageModel, &*TINY]
        .map(|model| model.score(&question, &[" Paris", " Berlin", ""], &patience()).unwrap());
    for (there, here) in there.iter().zip(&here) {
        assert_eq!(there.tokens, here.tokens);
        assert!(alike(there.log_probability, here.log_probability), "{there:?} {here:?}");
    }
    assert_eq!(worker.fingerprint(), TINY.fingerprint());
    let worker = LlamaWorker::start(worker_options(&smol_file()), &Deadline::none(), |_| {}).unwrap();
    let text = worker.generate(&question, r#"start: " Paris" | " Rome""#, 5, &patience()).unwrap();
    assert_eq!(text, " Paris");
    let memory = worker.process().and_then(memory_taken);
    assert!(memory.unwrap() > 50 << 20, "{memory:?}");
    assert!(worker.loaded().took > Duration::ZERO && worker.loaded().pace.is_some());
}

#[track_caller]
fn dies_alone(crime: &str) {
    let tiny = Tiny::new();
    let worker = LlamaWorker::start(worker_options(&tiny.file), &Deadline::none(), |_| {}).unwrap();
    let before = worker.process().unwrap();
    let (guilty, bystander) = thread::scope(|scope| {
        let bystander = scope.spawn(|| worker.score(&prompt("s", "hang", ""), &["x"], &patience()));
        thread::sleep(Duration::from_millis(50));
        let guilty = scope.spawn(|| score(&worker, crime));
        (guilty.join().unwrap(), bystander.join().unwrap())
    });
    for result in [guilty, bystander] {
        assert!(matches!(result, Err(EngineError::Unavailable { .. })), "{result:?}");
    }
    ends(before);
    // The first rest takes a tenth of a second; what loading takes depends on what else runs.
    assert!(back(&worker) < Duration::from_secs(20));
    assert_ne!(worker.process(), Some(before));
}

#[test]
fn a_batch_over_its_limit_kills_the_worker_and_nothing_else() {
    dies_alone("a batch over its limit");
}

#[test]
fn a_grammar_that_masks_all_kills_the_worker_and_nothing_else() {
    dies_alone("a grammar that masks all");
}

#[test]
fn a_panic_kills_the_worker_and_nothing_else() {
    dies_alone("panic");
}

#[test]
fn a_worker_that_allocates_beyond_its_limit_dies_alone() {
    dies_alone("allocate");
}

#[test]
fn a_worker_that_somebody_kills_is_replaced_and_both_are_told() {
    let tiny = Tiny::new();
    let (told, heard) = mpsc::channel();
    let worker = LlamaWorker::start(worker_options(&tiny.file), &Deadline::none(), move |event| {
        told.send(event).unwrap()
    });
    let worker = worker.unwrap();
    for rest in [100, 200, 400].map(Duration::from_millis) {
        let before = worker.process().unwrap();
        assert!(Command::new("kill").args(["-9", &before.to_string()]).status().unwrap().success());
        ends(before);
        back(&worker);
        let died = WorkerEvent::Died { why: "it was killed".to_owned(), rest };
        assert_eq!(heard.recv().unwrap(), died);
        assert!(matches!(heard.recv().unwrap(), WorkerEvent::Returned { took } if took > Duration::ZERO));
    }
}

#[test]
fn a_worker_that_goes_on_for_nobody_is_killed() {
    let tiny = Tiny::new();
    let worker = LlamaWorker::start(worker_options(&tiny.file), &Deadline::none(), |_| {}).unwrap();
    let before = worker.process().unwrap();
    let deadline = Deadline::after(Duration::from_millis(50), Arc::new(SystemClock));
    let begun = Instant::now();
    let result = worker.score(&prompt("s", "hang", ""), &["x"], &deadline);
    assert!(matches!(result, Err(EngineError::Deadline(_))), "{result:?}");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    ends(before);
    back(&worker);
}

#[test]
fn a_worker_ends_when_it_is_dropped() {
    let tiny = Tiny::new();
    let worker = LlamaWorker::start(worker_options(&tiny.file), &Deadline::none(), |_| {}).unwrap();
    let process = worker.process().unwrap();
    assert!(is_alive(process));
    drop(worker);
    assert!(!is_alive(process));
}

#[test]
fn a_worker_whose_parent_is_killed_ends_even_while_it_works() {
    let tiny = Tiny::new();
    let this = this_binary("parent");
    let mut parent = Command::new(&this.program)
        .args(&this.arguments)
        .envs(this.environment)
        .env(MODEL, &tiny.file)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let told = tiny.folder.path().join("tiny.pid");
    let begun = Instant::now();
    let worker = loop {
        match std::fs::read_to_string(&told).ok().and_then(|text| text.parse().ok()) {
            Some(worker) => break worker,
            None => assert!(begun.elapsed() < Duration::from_secs(60), "no worker"),
        }
        thread::sleep(Duration::from_millis(10));
    };
    thread::sleep(Duration::from_millis(50));
    assert!(is_alive(worker));
    parent.kill().unwrap();
    parent.wait().unwrap();
    ends(worker);
}

#[test]
fn a_program_that_is_no_worker_is_an_error() {
    let tiny = Tiny::new();
    let mut options = worker_options(&tiny.file);
    options.command = this_binary("silent");
    options.loading = Duration::from_millis(300);
    let begun = Instant::now();
    let error = LlamaWorker::start(options.clone(), &Deadline::none(), |_| {}).err().unwrap();
    assert!(matches!(error, LoadError::TooSlow { .. }), "{error}");
    assert!(error.hint().contains("MODEL_LOADING_TIMEOUT_SEC"));
    assert!(begun.elapsed() < Duration::from_secs(20));
    options.loading = Duration::from_secs(60);
    options.command = WorkerCommand { program: "/bin/false".into(), arguments: vec![], environment: vec![] };
    let error = LlamaWorker::start(options.clone(), &Deadline::none(), |_| {}).err().unwrap();
    assert!(matches!(error, LoadError::Died { .. }), "{error}");
    options.command.program = "/nowhere/worker".into();
    let error = LlamaWorker::start(options, &Deadline::none(), |_| {}).err().unwrap();
    assert!(error.to_string().contains("/nowhere/worker"), "{error}");
}

#[test]
fn a_file_that_is_no_model_is_the_workers_error() {
    let tiny = Tiny::of(b"GGUF\x03\0\0\0");
    let error = LlamaWorker::start(worker_options(&tiny.file), &Deadline::none(), |_| {}).err().unwrap();
    assert!(error.to_string().contains("cut short"), "{error}");
}
