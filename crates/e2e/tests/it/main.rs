//! The real server and the real deployctl as processes of their own, on a small knowledge base: what an operator does and
//! what callers see meanwhile.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says its seed"
)]

mod callers;
mod contract;
mod deployctl;
mod kills;
mod kills_all;
mod knowledge;
mod phases;
mod plans;
mod points;
mod process;
mod programs;
mod server;
mod traffic;
mod workers;
