//! A model in a process of its own: this program, executed again. It dies alone, is started again, and ends when its
//! parent does.

mod backoff;
mod call;
mod frame;
mod parent;
mod process;
mod protocol;
mod serve;
mod state;

pub use parent::{LlamaWorker, WorkerCommand, WorkerEvent, WorkerOptions};
pub use process::Loaded;
pub use serve::{serve, serve_with};
