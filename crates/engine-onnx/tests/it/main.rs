//! The real model on the real library.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so by panicking")]

mod agreement;
mod embedder;
mod files;
mod loading;
