//! What is no model is an error that says why and what to do.

use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use find_facts_core::{EngineError, LanguageModel};
use find_facts_engine_llama::{Llama, LoadError, memory_needed};
use find_facts_testkit::gguf::tiny_model;

use crate::files::{SMOL, Tiny, options, patience, prompt, smol_file};

#[track_caller]
fn check(content: &[u8], expected: &[&str]) {
    let tiny = Tiny::of(content);
    let error = Llama::load(&options(&tiny.file)).err().unwrap();
    let said = format!("{error}; {}; hint: {}", chain(&error), error.hint());
    for text in expected {
        assert!(said.contains(text), "`{text}` is not in: {said}");
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

/// The tiny model with one text in it replaced by another of the same length.
fn with(from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut content = tiny_model(1);
    let at = content.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
    content[at..at + to.len()].copy_from_slice(to.as_bytes());
    content
}

/// The tiny model with the number after a key changed.
fn with_number(key: &str, value: u32) -> Vec<u8> {
    let mut content = tiny_model(1);
    let at = content.windows(key.len()).position(|window| window == key.as_bytes()).unwrap() + key.len() + 4;
    content[at..at + 4].copy_from_slice(&value.to_le_bytes());
    content
}

#[test]
fn a_tiny_model_loads_and_answers() {
    let tiny = Tiny::new();
    let llama = Llama::load(&options(&tiny.file)).unwrap();
    let scores = llama.score(&prompt("s", "u", ""), &["ab", "cd"], &patience()).unwrap();
    assert_eq!(scores.len(), 2);
    assert!(scores.iter().all(|score| score.log_probability.is_finite()));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Llama::load(&options("/nowhere/model.gguf".as_ref())).err().unwrap();
    assert!(matches!(error, LoadError::File { .. }));
    assert!(error.to_string().contains("/nowhere/model.gguf"), "{error}");
}

/// Within a time, because opening the wrong thing may take for ever.
#[track_caller]
fn is_called(path: &Path, expected: &str) {
    let (tell, told) = mpsc::channel();
    let path = path.to_owned();
    std::thread::spawn(move || tell.send(memory_needed(&path).map_err(|error| chain(&error))));
    let said = told.recv_timeout(Duration::from_secs(20)).unwrap().unwrap_err();
    assert_eq!(said, format!("it is {expected}, not a file"));
}

#[test]
fn what_is_no_file_at_all_is_called_by_its_kind_and_nobody_waits_for_it() {
    let tiny = Tiny::new();
    let fifo = tiny.folder.path().join("fifo.gguf");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    is_called(&fifo, "a FIFO");
    is_called(tiny.folder.path(), "a folder");
    is_called("/dev/zero".as_ref(), "a device");
    let socket = tiny.folder.path().join("socket.gguf");
    let _listener = UnixListener::bind(&socket).unwrap();
    is_called(&socket, "a socket");
}

#[test]
fn other_files_are_refused_by_their_first_bytes() {
    check(b"", &["is cut short", "models verify"]);
    check(b"GGUF", &["is cut short"]);
    check(b"GGML\x03\0\0\0 and more of it that is long enough", &["begins with `GGML`"]);
    check(b"PK\x03\x04 a zip archive, long enough for a header", &["begins with `PK"]);
    check(b"GGUF\x01\0\0\0 an old one, long enough for a header", &["GGUF version 1"]);
    check(b"GGUF\0\0\0\x03 of a big-endian machine, long enough", &["little-endian"]);
}

#[test]
fn a_header_that_promises_too_much_is_refused_before_it_is_believed() {
    let absurd = |at: usize| {
        let mut content = tiny_model(1);
        content[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        content
    };
    check(&absurd(8), &["the number of tensors is"]);
    check(&absurd(16), &["the number of metadata entries is"]);
    check(&absurd(24), &["the length of a name is"]);
    let whole = tiny_model(1);
    check(&whole[..whole.len() - 1], &["is cut short", "output_norm.weight"]);
}

#[test]
fn a_bomb_of_metadata_is_refused() {
    // One list of a hundred million bytes, which is all there.
    let mut content = b"GGUF\x03\0\0\0".to_vec();
    content.extend(0_u64.to_le_bytes());
    content.extend(1_u64.to_le_bytes());
    content.extend(1_u64.to_le_bytes());
    content.extend(b"x");
    content.extend(9_u32.to_le_bytes());
    content.extend(0_u32.to_le_bytes());
    content.extend(100_000_000_u64.to_le_bytes());
    content.resize(content.len() + 100_000_000, 0);
    check(&content, &["the header's length in bytes is"]);
}

#[test]
fn a_model_of_another_kind_is_refused_with_what_is_accepted() {
    check(&with("llama", "mamba"), &["`general.architecture` is `mamba`", "accepted is llama, openelm"]);
    check(&with("gpt2", "bert"), &["`tokenizer.ggml.model` is `bert`"]);
    check(&with("token_embd.weight", "token_embd.weighs"), &["`token_embd.weight` is missing"]);
    check(&with("blk.0.attn_k.weight", "blk.0.attn_q.weight"), &["stands there twice"]);
    check(&with("blk.0.ffn_up.weight", "blk.0.ffn_up.weighs"), &["llama.cpp cannot load", "ffn_up"]);
}

#[test]
fn numbers_by_which_llama_cpp_would_divide_are_looked_at() {
    check(&with_number("llama.attention.head_count", 0), &["`llama.attention.head_count` is not between 1"]);
    check(&with_number("llama.block_count", u32::MAX), &["`llama.block_count` is not between 1"]);
    check(&with_number("tokenizer.ggml.eos_token_id", 9999), &["is not one of the 261 tokens"]);
}

#[test]
fn another_file_has_another_fingerprint_and_the_same_file_the_same() {
    let of =
        |seed| Llama::load(&options(&Tiny::of(&tiny_model(seed)).file)).unwrap().fingerprint().to_owned();
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
    assert!(!SMOL.fingerprint().is_empty());
}

#[test]
fn weights_that_are_not_numbers_are_an_error() {
    let mut content = tiny_model(1);
    let length = content.len();
    for weight in content[length - 64 * 4..].chunks_mut(4) {
        weight.copy_from_slice(&f32::NAN.to_le_bytes());
    }
    let tiny = Tiny::of(&content);
    let llama = Llama::load(&options(&tiny.file)).unwrap();
    let result = llama.score(&prompt("s", "u", ""), &["ab"], &patience());
    let Err(EngineError::Failed { source, .. }) = result else { panic!("{result:?}") };
    assert!(source.to_string().contains("not finite"), "{source}");
    let result = llama.generate(&prompt("s", "u", ""), "start: /[a-z]+/", 5, &patience());
    assert!(matches!(result, Err(EngineError::Failed { .. })), "{result:?}");
}

#[test]
fn the_real_model_is_measured_while_it_loads() {
    let pace = SMOL.pace();
    assert!(pace.tokens_per_second > 1.0 && (8..=64).contains(&pace.chunk), "{pace:?}");
    assert!(smol_file().exists());
}
