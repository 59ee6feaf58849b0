//! What the model and the search over its vectors cost by themselves.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use find_facts_bench::model;
use find_facts_bench::times::{Times, milliseconds};
use find_facts_core::{Deadline, Embedder};
use find_facts_tier1::StoredVectors;

/// As many texts at once as Tier 1 gives the model when it computes vectors.
const BATCH: usize = 64;
/// Texts in batches: some seconds of work.
const TEXTS: usize = 2560;
/// Texts by themselves, and searches.
const SINGLE: usize = 300;
/// How many of the nearest have to be right.
const NEAREST: usize = 16;

/// Embeds names, then searches for each among the stored vectors.
pub(crate) fn measure(home: &Path, vectors: &Path, names: &[String]) -> Result<()> {
    let model = model::load(home)?;
    let spread = |count: usize| -> Vec<&str> {
        let step = (names.len() / count).max(1);
        names.iter().step_by(step).take(count).map(String::as_str).collect()
    };
    let texts = spread(TEXTS);
    let started = Instant::now();
    for batch in texts.chunks(BATCH) {
        model.embed(batch, &Deadline::none())?;
    }
    let per_second = texts.len() as f64 / started.elapsed().as_secs_f64();
    println!("model: {per_second:.0} names/s in batches of {BATCH}");

    let (mut times, mut asked) = (Vec::new(), Vec::new());
    for text in spread(SINGLE) {
        let started = Instant::now();
        asked.append(&mut model.embed(&[text], &Deadline::none())?);
        times.push(milliseconds(started.elapsed()));
    }
    let times = Times::new(times);
    println!("model: one name p50 {:.2} ms, p95 {:.2} ms", times.quantile(0.5), times.quantile(0.95));
    search(&*model, vectors, asked)
}

/// The names asked for are in the table; the search has to find what lies around them as well.
fn search(model: &dyn Embedder, vectors: &Path, asked: Vec<Vec<f32>>) -> Result<()> {
    let table = StoredVectors::open(vectors, model)?;
    let (mut times, mut right, count) = (Vec::new(), 0, asked.len());
    for vector in asked {
        let started = Instant::now();
        let found = table.nearest(vector.clone(), NEAREST, &Deadline::none())?;
        times.push(milliseconds(started.elapsed()));
        let wanted = table.nearest_of_all(vector, NEAREST);
        right += wanted.iter().filter(|row| found.contains(row)).count();
    }
    let (times, rows) = (Times::new(times), table.rows());
    let per_100_000 = times.quantile(0.5) * 100_000.0 / rows.max(1) as f64;
    println!(
        "search among {rows} vectors on one thread: p50 {:.2} ms, p95 {:.2} ms; p50 per 100 000 vectors: {per_100_000:.2} ms",
        times.quantile(0.5),
        times.quantile(0.95)
    );
    println!("recall of the nearest {NEAREST}: {:.4}", right as f64 / (count * NEAREST).max(1) as f64);
    Ok(())
}
