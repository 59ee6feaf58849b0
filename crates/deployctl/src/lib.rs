//! Takes each tier into production on a running server. This crate does what `find-facts-rollout` decides.

pub mod audience;
pub mod cli;
pub mod client;
pub mod context;
pub mod dispatch;
pub mod environment;
pub mod exit;
pub mod failure;
pub mod output;
pub mod render;
pub mod report;
pub mod run;
pub mod server;
pub mod verbs;
