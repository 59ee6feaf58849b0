//! Fakes, a seeded clock and small worlds for tests.

mod memory_store;

pub use memory_store::MemoryStore;
