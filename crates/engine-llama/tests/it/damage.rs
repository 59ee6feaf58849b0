//! Two hundred damaged copies of a model: each is an error or a dead worker, and the parent goes on.

use find_facts_core::{Deadline, EngineError, LanguageModel};
use find_facts_engine_llama::{LlamaWorker, LoadError};
use find_facts_testkit::gguf::tiny_model;

use crate::files::{Tiny, patience, prompt};
use crate::worker::worker_options;

const MUTATIONS: u64 = 200;

/// Flips, cuts, overwrites and repeats; most of them in the header, where they hurt.
fn damaged(whole: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut content = whole.to_vec();
    let header = 8192.min(content.len());
    let within = |random: &mut fastrand::Rng| {
        if random.u8(0..4) > 0 { random.usize(0..header) } else { random.usize(0..whole.len()) }
    };
    match random.u8(0..5) {
        0 => content.truncate(within(random)),
        1 => {
            for _ in 0..random.usize(1..20) {
                content[within(random)] ^= 1 << random.u8(0..8);
            }
        }
        2 => {
            let at = within(random).min(content.len() - 8);
            let absurd = [0, 1, u64::from(u32::MAX), u64::MAX, i64::MAX as u64, 1 << 40];
            content[at..at + 8].copy_from_slice(&absurd[random.usize(0..absurd.len())].to_le_bytes());
        }
        3 => {
            let at = within(random);
            let end = (at + random.usize(1..64)).min(content.len());
            content[at..end].iter_mut().for_each(|byte| *byte = random.u8(..));
        }
        _ => {
            let at = within(random);
            let piece = content[at..(at + random.usize(1..256)).min(content.len())].to_vec();
            content.splice(at..at, piece);
        }
    }
    content
}

#[test]
fn no_damage_to_a_model_is_more_than_an_error() {
    let whole = tiny_model(1);
    let good = Tiny::new();
    let parent = LlamaWorker::start(worker_options(&good.file), &Deadline::none(), |_| {}).unwrap();
    let (mut refused, mut died, mut loaded) = (0, 0, 0);
    for seed in 0..MUTATIONS {
        let content = damaged(&whole, &mut fastrand::Rng::with_seed(seed));
        let tiny = Tiny::of(&content);
        match LlamaWorker::start(worker_options(&tiny.file), &Deadline::none(), |_| {}) {
            Err(LoadError::Worker(reason)) => {
                assert!(!reason.is_empty() && reason.len() < 1000, "seed {seed}: {reason}");
                refused += 1;
            }
            Err(LoadError::Died { .. }) => died += 1,
            Err(error) => panic!("seed {seed}: {error}"),
            Ok(worker) => {
                // Damaged weights are a model all the same; what it does may be anything but silence.
                let result = worker.score(&prompt("s", "u", ""), &["ab", "cd"], &patience());
                assert!(!matches!(result, Err(EngineError::Deadline(_))), "seed {seed}");
                loaded += 1;
            }
        }
        if seed % 20 == 0 {
            parent.score(&prompt("s", "u", ""), &["ab"], &patience()).unwrap();
        }
    }
    println!("{refused} refused, {died} died, {loaded} loaded");
    parent.score(&prompt("s", "u", ""), &["ab"], &patience()).unwrap();
    assert!(refused > MUTATIONS / 4, "{refused} refused, {died} died, {loaded} loaded");
}
