//! What every user of an [`Embedder`] relies on.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use find_facts_core::{Deadline, Embedder, EngineError, SystemClock};

use crate::files::MINILM;

fn embed(texts: &[&str]) -> Vec<Vec<f32>> {
    MINILM.embed(texts, &Deadline::none()).unwrap()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn every_text_gets_a_vector_of_unit_length() {
    let long = "word ".repeat(1_000_000);
    let texts = ["Albert Einstein", "", " ", "東京", "\u{0}", "🦀🦀", &long];
    let vectors = embed(&texts);
    assert_eq!(vectors.len(), texts.len());
    for (vector, text) in vectors.iter().zip(texts) {
        assert_eq!(vector.len(), MINILM.dimensions());
        assert!((dot(vector, vector) - 1.0).abs() < 1e-4, "{}", text.chars().take(20).collect::<String>());
    }
    assert!(embed(&[]).is_empty());
}

#[test]
fn a_vector_depends_on_its_text_alone() {
    let texts =
        ["x", "Albert Einstein", "United Nations Educational, Scientific and Cultural Organization", "東京"];
    for (together, text) in embed(&texts).iter().zip(texts) {
        assert!(dot(together, &embed(&[text])[0]) > 0.999_99, "{text}");
    }
}

#[test]
fn what_means_the_same_is_nearer_than_what_looks_the_same() {
    let [city, nickname, other] = &embed(&["New York City", "Big Apple", "New Yorker magazine"])[..] else {
        panic!("three texts give three vectors")
    };
    let pineapple = &embed(&["Pineapple tree"])[0];
    assert!(dot(city, nickname) > dot(pineapple, city), "{} {}", dot(city, nickname), dot(pineapple, city));
    assert!(dot(city, other) > dot(pineapple, other));
}

#[test]
fn work_stops_when_nobody_waits_any_more() {
    let deadline = Deadline::after(Duration::from_secs(3600), Arc::new(SystemClock));
    let texts = vec!["a text that takes its time"; 100_000];
    let started = Instant::now();
    let result = thread::scope(|scope| {
        let work = scope.spawn(|| MINILM.embed(&texts, &deadline));
        deadline.cancel();
        work.join().unwrap()
    });
    assert!(matches!(result, Err(EngineError::Deadline(_))));
    assert!(started.elapsed() < Duration::from_secs(20), "all of it takes minutes");
}
