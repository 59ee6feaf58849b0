//! The store as its users see it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod import;
mod lookups;
mod serving;
mod support;
