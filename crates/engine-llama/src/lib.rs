//! Language models through llama.cpp.
//!
//! [`Llama`] runs a GGUF model in this process, for programs that trust the file. [`LlamaWorker`] runs it in a process of its
//! own, which may die of a bad file or of llama.cpp's own assertions while the program goes on.
//! Both read what prompts have in common once, work for several callers in one batch, and stop within one step of the
//! model for a caller that has gone.

mod backend;
mod engine;
mod error;
mod fingerprint;
mod gguf;
mod llama;
mod memory;
mod prompt;
mod trie;
mod worker;

pub use engine::Pace;
pub use error::{Fault, LoadError};
pub use llama::{Llama, LlamaOptions};
pub use memory::{memory_needed, memory_taken};
pub use worker::{LlamaWorker, Loaded, WorkerCommand, WorkerEvent, WorkerOptions, serve, serve_with};
