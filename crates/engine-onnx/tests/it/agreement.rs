//! The vectors agree with those of the reference weights, which `fixtures/minilm/make.py` computed once with
//! sentence-transformers from the model's safetensors.

use find_facts_core::{Deadline, Embedder};
use serde::Deserialize;

use crate::files::MINILM;

/// Measured: least 0.9985 (the text `x`), mean 0.9995; what is lost is the int8 weights.
const LEAST_COSINE: f64 = 0.997;
const LEAST_MEAN: f64 = 0.999;

#[derive(Deserialize)]
struct Reference {
    text: String,
    /// Ten-thousandths.
    vector: Vec<i32>,
}

fn references() -> Vec<Reference> {
    include_str!("../../../../fixtures/minilm/reference.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The cosine of a vector of unit length with a reference.
fn cosine(vector: &[f32], reference: &[i32]) -> f64 {
    assert_eq!(vector.len(), reference.len());
    let length = reference.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    vector.iter().zip(reference).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() / length
}

#[test]
fn vectors_agree_with_the_reference_weights() {
    let references = references();
    assert_eq!(references.len(), 50);
    let texts: Vec<&str> = references.iter().map(|row| row.text.as_str()).collect();
    let vectors = MINILM.embed(&texts, &Deadline::none()).unwrap();
    let cosines: Vec<f64> =
        vectors.iter().zip(&references).map(|(vector, row)| cosine(vector, &row.vector)).collect();

    let (worst, least) = cosines.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).unwrap();
    let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
    println!("cosine with the reference: least {least:.5} (`{}`), mean {mean:.5}", texts[worst]);
    assert!(*least >= LEAST_COSINE, "`{}` has {least}", texts[worst]);
    assert!(mean >= LEAST_MEAN, "{mean}");
}
