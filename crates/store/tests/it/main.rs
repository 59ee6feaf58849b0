//! The store as its users see it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod import;
mod kills;
mod lookups;
mod migration;
mod serving;
mod support;
