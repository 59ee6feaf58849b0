//! MiniLM-L6-v2 sentence embeddings through ONNX Runtime.
//!
//! The library is loaded at run time from a path that the caller gives. Whatever is wrong with it or with a model file is
//! an error of [`MiniLm::load`], with the way to mend it; nothing here panics on a machine that lacks them.

mod error;
mod memory;
mod minilm;
mod pool;
mod runtime;

pub use error::LoadError;
pub use minilm::{DIMENSIONS, MiniLm, MiniLmFiles, MiniLmOptions};
