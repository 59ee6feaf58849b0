//! Tier 1 over small worlds.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod linking;
mod living;
