//! The real library, with a real model and with one of a test's own making.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so by panicking")]

mod damage;
mod files;
mod lives;
mod loading;
mod model;
mod sharing;
mod worker;
