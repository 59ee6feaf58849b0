//! Several callers at once, and what they share.

use std::thread;
use std::time::{Duration, Instant};

use find_facts_core::{Deadline, EngineError, LanguageModel};
use find_facts_engine_llama::Llama;

use crate::files::{SMOL, Tiny, alike, options, patience, prompt};

const QUESTIONS: [&str; 3] =
    ["Where was Ada Lovelace born?", "Who painted Guernica?", "What is the capital of Peru?"];
const CANDIDATES: [&str; 4] = [" London", " Pablo Picasso", " Lima", " a red apple"];

fn ask(model: &Llama, question: &str) -> Vec<f32> {
    let prompt = prompt("You answer in a few words.", question, "It is");
    let scores = model.score(&prompt, &CANDIDATES, &patience()).unwrap();
    scores.into_iter().map(|score| score.log_probability).collect()
}

/// Each question asked by three callers at once, with which question it was.
fn ask_together(model: &Llama) -> Vec<(usize, Vec<f32>)> {
    thread::scope(|scope| {
        let asked: Vec<_> =
            (0..9).map(|at| scope.spawn(move || (at % 3, ask(model, QUESTIONS[at % 3])))).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    })
}

#[test]
fn callers_at_the_same_time_do_not_see_each_other() {
    let tiny = Tiny::new();
    let model = Llama::load(&options(&tiny.file)).unwrap();
    let alone = QUESTIONS.map(|question| ask(&model, question));
    for (question, scores) in ask_together(&model) {
        for (one, other) in scores.iter().zip(&alone[question]) {
            assert!(alike(*one, *other), "{question}: {scores:?} {:?}", alone[question]);
        }
    }
    // It would show: what stands before a candidate moves every score by many times what is allowed above.
    for (one, other) in alone[0].iter().zip(&alone[1]) {
        assert!(!alike(*one, *other), "{alone:?}");
    }
}

#[test]
fn callers_at_the_same_time_get_the_choice_they_would_get_alone() {
    let choice = |scores: &[f32]| (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let alone = QUESTIONS.map(|question| choice(&ask(&SMOL, question)));
    for (question, scores) in ask_together(&SMOL) {
        assert_eq!(choice(&scores), alone[question], "{scores:?}");
    }
}

#[test]
fn what_prompts_begin_with_is_read_once() {
    // A model of its own, so that no other test takes part in its cache.
    let llama = Llama::load(&options(&crate::files::smol_file())).unwrap();
    let system =
        "This is a long list of relations: place of birth, place of death, spouse, child. ".repeat(12);
    let ask = |user: &str| {
        let begun = Instant::now();
        llama.score(&prompt(&system, user, ""), &["x"], &patience()).unwrap();
        begun.elapsed()
    };
    let cold = ask("first");
    let warm = (0..5).map(|n| ask(&format!("question {n}"))).min().unwrap();
    // Two hundred tokens against a dozen.
    assert!(warm * 3 < cold, "cold {cold:?}, warm {warm:?}");
}

#[test]
fn work_that_was_cut_off_is_not_lost() {
    let llama = Llama::load(&options(&crate::files::smol_file())).unwrap();
    let long = "one two three four five six seven eight nine ten ".repeat(60);
    let prompt = prompt(&long, "x", "");
    let mut late = 0;
    // Each attempt goes on where the one before was stopped.
    while late < 1000 {
        let deadline =
            Deadline::after(Duration::from_millis(300), std::sync::Arc::new(find_facts_core::SystemClock));
        match llama.score(&prompt, &["x"], &deadline) {
            Ok(_) => return,
            Err(EngineError::Deadline(_)) => late += 1,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("no end after {late} attempts");
}

#[test]
fn callers_that_go_away_at_any_moment_leave_the_engine_working() {
    let tiny = Tiny::new();
    let llama = Llama::load(&options(&tiny.file)).unwrap();
    let expected = llama.score(&prompt("s", "u", ""), &["ab", "cd"], &patience()).unwrap();
    let seed = 7;
    let mut random = fastrand::Rng::with_seed(seed);
    thread::scope(|scope| {
        for caller in 0..8 {
            let (llama, mut random) = (&llama, random.fork());
            scope.spawn(move || {
                for _ in 0..40 {
                    let deadline = Deadline::none();
                    let user = "abc ".repeat(random.usize(1..40));
                    let candidates: Vec<String> =
                        (0..random.usize(1..20)).map(|_| "xyz".repeat(random.usize(1..4))).collect();
                    let texts: Vec<&str> = candidates.iter().map(String::as_str).collect();
                    let cancelled = deadline.clone();
                    let after = Duration::from_micros(random.u64(0..3000));
                    thread::scope(|scope| {
                        scope.spawn(move || {
                            thread::sleep(after);
                            cancelled.cancel();
                        });
                        let prompt = prompt("s", &user, "");
                        let result = if caller % 2 == 0 {
                            llama.score(&prompt, &texts, &deadline).map(drop)
                        } else {
                            llama.generate(&prompt, "start: /[a-z]+/", 10, &deadline).map(drop)
                        };
                        let fine = matches!(
                            result,
                            Ok(()) | Err(EngineError::Deadline(_) | EngineError::Overloaded { .. })
                        );
                        assert!(fine, "seed {seed}: {result:?}");
                    });
                }
            });
        }
    });
    let after = llama.score(&prompt("s", "u", ""), &["ab", "cd"], &patience()).unwrap();
    for (before, after) in expected.iter().zip(&after) {
        assert!((before.log_probability - after.log_probability).abs() < 0.01, "seed {seed}");
    }
}

#[test]
fn more_callers_than_the_queue_holds_are_told_at_once() {
    let tiny = Tiny::new();
    let llama = Llama::load(&options(&tiny.file)).unwrap();
    let results: Vec<_> = thread::scope(|scope| {
        let asked: Vec<_> = (0..300)
            .map(|n| {
                let llama = &llama;
                scope.spawn(move || {
                    llama.generate(&prompt("s", &format!("{n}"), ""), "start: /[a-z]+/", 60, &patience())
                })
            })
            .collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let fine =
        |result: &Result<String, EngineError>| matches!(result, Ok(_) | Err(EngineError::Overloaded { .. }));
    assert!(results.iter().all(fine), "{:?}", results.iter().find(|result| !fine(result)));
    assert!(results.iter().any(Result::is_ok));
}
