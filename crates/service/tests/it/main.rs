//! The service from outside: frozen bytes, and what becomes of a request when a tier misbehaves.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod allocations;
mod alone;
mod answers;
mod failures;
mod faults;
mod legacy;
mod world;
