//! The find-facts server: HTTP, admin, configuration; the one place where concrete parts meet.

mod app;
mod callers;
pub mod cli;
pub mod config;
pub mod control;
mod feedback;
mod http;
mod language;
mod machine;
mod models;
mod quality;
mod reload;
mod sample;
mod serve;
mod sources;
pub mod state;
mod tiers;
mod watch;

pub use app::App;
pub use http::admin::AccessError;
pub use machine::{BootClock, MachineClock, Uptime};
pub use quality::GoldenFault;
pub use serve::{ServeOptions, Server, StartError};
pub use sources::Sources;
