//! Tier 2 over small worlds.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod asking;
mod choosing;
mod ranking;
mod standing;
mod world;
