//! One thread that owns a model's context and works for all callers at once.

mod job;
mod measure;
mod runner;
mod slots;
mod softmax;

pub(crate) use job::{Done, Refusal, Request, Work};
pub use measure::Pace;
pub(crate) use measure::Probe;
pub(crate) use runner::{Limits, context_parameters, run};
