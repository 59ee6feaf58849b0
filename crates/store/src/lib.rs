//! The knowledge base: import, facts of record, the immutable index that serves queries, persistence.

mod builder;
mod changes;
mod content;
mod database;
mod delta;
mod durable;
mod folder;
mod image;
mod import;
mod index;
pub mod kb;
mod lock;
mod progress;
mod record;
mod store;
mod strings;
mod text;

pub use database::DatabaseError;
pub use folder::FolderError;
pub use image::{NoImage, Unusable};
pub use import::{BadLine, BadLines, LineError, ReadError, ReadReport, UnknownSource};
pub use index::{FactId, FactRef, Index, InvalidFacts};
pub use lock::LockError;
pub use progress::{OnProgress, Progress};
pub use record::RECORD_FORMAT;
pub use store::{Applied, ApplyError, IndexOrigin, OpenError, Schema, Store};
pub use strings::TooLarge;
pub use text::InvalidName;
