//! Real servers on loopback: what clients, operators and deployctl see of one.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod allocations;
mod budget;
mod crowd;
mod events;
mod faults;
mod flags;
mod frozen;
mod full_disk;
mod language;
mod lease;
mod lifecycle;
mod process;
mod public;
mod quality;
mod reloads;
mod tiers;
mod world;
