//! Whole runs against a simulated server, on a virtual clock.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod bench;
mod conduct;
mod contract;
mod ends;
mod journal;
mod kills;
mod observed;
mod phase3;
mod plans;
mod sim;
