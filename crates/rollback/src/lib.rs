//! When figures are so bad that tiers go off. Nothing is ever switched on here, and a figure that is no opinion does nothing.

mod rules;
mod thresholds;

pub use rules::Rules;
pub use thresholds::Thresholds;
