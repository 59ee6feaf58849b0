//! Fakes, a virtual clock and small worlds for tests. A dev-dependency only: no crate ships with it.

mod allocations;
mod clock;
mod disk;
pub mod gguf;
pub mod hub;
mod memory_store;
mod report;

pub use allocations::{Counting, allocations_of};
pub use clock::VirtualClock;
pub use disk::SmallDisk;
pub use memory_store::MemoryStore;
pub use report::healthy_report;
