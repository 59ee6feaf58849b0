//! The ranking's model: a row of features to a score, and scores to probabilities that include "none of them".

use crate::features::{FEATURES, Row};

/// Hidden units: those of three small nets, learned from different seeds and averaged.
pub const HIDDEN: usize = 96;

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

/// The same net laid out by feature, to score many rows: a row has few features that are not 0, and what one of them adds to
/// all units is added at once. The sums are those of [`Net::score`] in the same order.
pub(crate) struct ByFeature {
    linear: Row,
    hidden: [[f32; HIDDEN]; FEATURES],
    bias: [f32; HIDDEN],
    out: [f32; HIDDEN],
}

impl ByFeature {
    /// Lays a net out; a loop of the simplest kind, so that it can run when the program is compiled.
    pub(crate) const fn of(net: &Net) -> Self {
        let mut hidden = [[0.0; HIDDEN]; FEATURES];
        let mut feature = 0;
        while feature < FEATURES {
            let mut unit = 0;
            while unit < HIDDEN {
                hidden[feature][unit] = net.hidden[unit][feature];
                unit += 1;
            }
            feature += 1;
        }
        Self { linear: net.linear, hidden, bias: net.bias, out: net.out }
    }

    /// The score of a row.
    pub(crate) fn score(&self, row: &Row) -> f32 {
        let mut linear = 0.0;
        let mut units = [0.0f32; HIDDEN];
        for ((value, weight), weights) in row.iter().zip(&self.linear).zip(&self.hidden) {
            if *value != 0.0 {
                linear += weight * value;
                for (unit, weight) in units.iter_mut().zip(weights) {
                    *unit += weight * value;
                }
            }
        }
        let active = units.iter().zip(&self.bias).zip(&self.out);
        linear + active.map(|((unit, bias), out)| out * (unit + bias).max(0.0)).sum::<f32>()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::{FULL, LEXICAL, WHOLE};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_layouts_give_a_row_the_same_score(
            values in prop::collection::vec(prop_oneof![Just(0.0f32), Just(1.0f32), -3.0f32..4.0], FEATURES),
        ) {
            let row: Row = values.try_into().unwrap();
            for net in [&WHOLE, &LEXICAL, &FULL] {
                prop_assert_eq!(ByFeature::of(net).score(&row), net.score(&row));
            }
        }
    }
}
