//! The lives of a worker: given up before it has begun, and begun anew.

use std::num::NonZeroUsize;
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use find_facts_core::{Deadline, LanguageModel};
use find_facts_engine_llama::{LlamaWorker, WorkerEvent};
use find_facts_testkit::gguf::tiny_model;

use crate::files::{Tiny, patience, prompt};
use crate::worker::{score, this_binary, worker_options};

#[test]
fn a_worker_that_nobody_wants_any_more_does_not_go_on_loading() {
    let tiny = Tiny::new();
    let mut options = worker_options(&tiny.file);
    options.command = this_binary("silent");
    options.loading = Duration::from_secs(600);
    let wanted = Deadline::none();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let loading = scope.spawn(|| LlamaWorker::start(options, &wanted, |_| {}));
        std::thread::sleep(Duration::from_millis(100));
        wanted.cancel();
        let error = loading.join().unwrap().err().unwrap();
        assert!(error.to_string().contains("unloaded"), "{error}");
    });
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

fn send(signal: &str, worker: &LlamaWorker) {
    let process = worker.process().unwrap().to_string();
    assert!(Command::new("kill").args([signal, &process]).status().unwrap().success());
}

#[test]
fn what_ends_a_server_from_a_terminal_leaves_its_worker_to_answer() {
    let tiny = Tiny::new();
    let worker = LlamaWorker::start(worker_options(&tiny.file), &Deadline::none(), |_| {}).unwrap();
    let before = worker.process();
    for signal in ["-INT", "-TERM", "-HUP"] {
        send(signal, &worker);
        assert!(score(&worker, "u").is_ok(), "{signal}");
        assert_eq!(worker.process(), before, "{signal}");
    }
}

#[test]
fn other_weights_never_answer_under_the_fingerprint_of_the_first() {
    let tiny = Tiny::of(&tiny_model(1));
    let (told, heard) = mpsc::channel();
    let heard_of = move |event| drop(told.send(event));
    let worker = LlamaWorker::start(worker_options(&tiny.file), &Deadline::none(), heard_of).unwrap();
    let replace = |seed| {
        let new = tiny.file.with_extension("new");
        std::fs::write(&new, tiny_model(seed)).unwrap();
        std::fs::rename(new, &tiny.file).unwrap();
    };
    replace(2);
    send("-KILL", &worker);
    assert!(matches!(heard.recv().unwrap(), WorkerEvent::Died { why, .. } if why == "it was killed"));
    let event = heard.recv().unwrap();
    assert!(matches!(&event, WorkerEvent::Died { why, .. } if why.contains("has changed")), "{event:?}");
    assert!(score(&worker, "u").is_err());
    replace(1);
    while !matches!(heard.recv().unwrap(), WorkerEvent::Returned { .. }) {}
    assert!(score(&worker, "u").is_ok());
}

#[test]
fn a_worker_that_comes_back_takes_no_more_threads_than_the_first_one_needed() {
    let tiny = Tiny::new();
    let (told, heard) = mpsc::channel();
    let heard_of = move |event| drop(told.send(event));
    let mut options = worker_options(&tiny.file);
    options.command = this_binary("one thread");
    options.model.threads = NonZeroUsize::new(2).unwrap();
    let worker = LlamaWorker::start(options, &Deadline::none(), heard_of).unwrap();
    send("-KILL", &worker);
    while !matches!(heard.recv().unwrap(), WorkerEvent::Returned { .. }) {}
    let offered = std::fs::read_to_string(tiny.file.with_extension("threads")).unwrap();
    assert_eq!(offered, "2\n1\n");
}

#[test]
fn a_question_too_long_to_be_sent_costs_nobody_the_worker() {
    let tiny = Tiny::new();
    let worker = LlamaWorker::start(worker_options(&tiny.file), &Deadline::none(), |_| {}).unwrap();
    let before = worker.process();
    let long = "x".repeat(5 << 20);
    let error = worker.score(&prompt("s", &long, ""), &["ab"], &patience()).unwrap_err();
    assert!(error.to_string().contains("accepted are 4194304"), "{error}");
    assert!(score(&worker, "u").is_ok());
    assert_eq!(worker.process(), before);
}

#[test]
fn what_a_worker_died_of_is_told_whatever_else_it_wrote() {
    let tiny = Tiny::new();
    let (told, heard) = mpsc::channel();
    let heard_of = move |event| drop(told.send(event));
    let worker = LlamaWorker::start(worker_options(&tiny.file), &Deadline::none(), heard_of).unwrap();
    assert!(score(&worker, "panic").is_err());
    let event = heard.recv().unwrap();
    let WorkerEvent::Died { why, .. } = &event else { panic!("{event:?}") };
    assert!(why.starts_with("it aborted") && why.contains("never heard of this"), "{why}");
}

#[test]
fn a_file_cut_short_under_its_worker_is_told() {
    let tiny = Tiny::new();
    let (told, heard) = mpsc::channel();
    let heard_of = move |event| drop(told.send(event));
    let worker = LlamaWorker::start(worker_options(&tiny.file), &Deadline::none(), heard_of).unwrap();
    std::fs::File::options().write(true).open(&tiny.file).unwrap().set_len(0).unwrap();
    assert!(score(&worker, "u").is_err());
    let event = heard.recv().unwrap();
    assert!(matches!(&event, WorkerEvent::Died { why, .. } if why.contains("cut short")), "{event:?}");
}
