//! The ranking's model: a row of features to a score, and scores to probabilities that include "none of them".

use crate::features::{FEATURES, Row};

/// Hidden units: those of three small nets, learned from different seeds and averaged.
pub const HIDDEN: usize = 48;

/// A linear score and a layer of hidden units beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Net<const UNITS: usize = HIDDEN> {
    /// Weight of each feature by itself.
    pub linear: Row,
    /// Weights of the features in each hidden unit.
    pub hidden: [Row; UNITS],
    /// Where each hidden unit starts.
    pub bias: [f32; UNITS],
    /// Weight of each hidden unit.
    pub out: [f32; UNITS],
}

impl<const UNITS: usize> Net<UNITS> {
    /// The score of a row: a log-probability but for a constant that all rows of a mention share.
    pub fn score(&self, row: &Row) -> f32 {
        let units = self.hidden.iter().zip(&self.bias).zip(&self.out);
        dot(&self.linear, row)
            + units.map(|((weights, bias), out)| out * (dot(weights, row) + bias).max(0.0)).sum::<f32>()
    }
}

/// The sum of products.
pub fn dot(a: &[f32; FEATURES], b: &[f32; FEATURES]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Scores to probabilities that sum to one.
pub fn softmax(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - most).exp();
        sum += *score;
    }
    for score in scores.iter_mut() {
        *score /= sum;
    }
}
