//! The catalogue as it is shipped, and pulls from a hub on loopback with the real one's ways and with faults.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so by panicking")]

mod catalogue;
mod disk;
mod faults;
mod hub;
mod pin;
mod processes;
mod shipped;
mod wheel;
mod world;
