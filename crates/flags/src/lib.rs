//! Who gets which tier. Rule and caller in, decision out: never the clock, the thread or a random number, so the same
//! caller gets the same decision at the same percentage, on every server and after every restart.

pub mod bucket;
mod document;
mod evaluator;
mod fractional;
mod murmur3;
pub mod vectors;

pub use document::{Fault, read_flags};
pub use evaluator::{Evaluator, Mask};
pub use murmur3::Murmur3;
