//! Takes each tier into production on a running server. This crate does what `find-facts-rollout` decides.

pub mod cli;
pub mod client;
pub mod exit;
pub mod output;
pub mod render;
pub mod server;
pub mod verbs;
