//! Entity linking in a program of one's own: no server, no model files, an embedder of thirty lines and facts in a `Vec`.
//!
//! `cargo run -p find-facts-tier1 --example own_embedder`

use std::error::Error;
use std::sync::Arc;

use find_facts_core::{
    Deadline, Embedder, EngineError, FactFinder, FactStore, FindQuery, Mode, Parts, Without,
};
use find_facts_testkit::MemoryStore;
use find_facts_tier1::{Setup, Tier1};

/// Counts letter trigrams by their hash: no understanding, but no model either.
struct Trigrams;

const DIMENSIONS: usize = 256;

impl Embedder for Trigrams {
    fn name(&self) -> &str {
        "hashed trigrams"
    }

    fn fingerprint(&self) -> &str {
        "hashed trigrams, 256 places, 1"
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn embed(&self, texts: &[&str], deadline: &Deadline) -> Result<Vec<Vec<f32>>, EngineError> {
        deadline.check()?;
        Ok(texts.iter().map(|text| vector_of(text)).collect())
    }
}

fn vector_of(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0f32; DIMENSIONS];
    for gram in format!("  {} ", text.to_lowercase()).as_bytes().windows(3) {
        let place = gram.iter().fold(7usize, |hash, byte| hash.wrapping_mul(31) + usize::from(*byte));
        vector[place % DIMENSIONS] += 1.0;
    }
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter().map(|x| x / length).collect()
}

#[expect(clippy::print_stdout, reason = "the example's output")]
fn main() -> Result<(), Box<dyn Error>> {
    // Any implementation of `FactStore` will do; this one keeps its facts in a `Vec`.
    let facts = [
        ["Albert Einstein", "born in", "Ulm"],
        ["Marie Curie", "born in", "Warsaw"],
        ["Niels Bohr", "born in", "Copenhagen"],
        ["Copenhagen", "country", "Denmark"],
    ];
    let store: Arc<dyn FactStore> = Arc::new(MemoryStore::new(facts).alias("Copenhagen", "København"));
    let setup = Setup { embedder: Some(Arc::new(Trigrams)), ..Setup::default() };
    let tier = Tier1::build(setup, &*store, &|_| {}, &Deadline::none())?;

    for (subject, predicate) in
        [("albert einstien", "born in"), ("KOBENHAVN", "country"), ("Max Planck", "born in")]
    {
        let query = FindQuery {
            parts: Parts { subject: Some(subject.into()), predicate: Some(predicate.into()), object: None },
            text: None,
            mode: Mode::EntityLinked,
            limit: 10,
            min_confidence: None,
            without: Without::default(),
            remember: true,
        };
        let answer = tier.find(&query, &store, &Deadline::none())?;
        match (answer.linked.first(), answer.facts.first()) {
            (Some(link), Some(first)) => println!(
                "{subject} -> {} ({:.2}, {:?}): {predicate} {}",
                link.entity, link.confidence, link.by, first.fact.object
            ),
            _ => println!("{subject} -> nothing"),
        }
    }
    Ok(())
}
