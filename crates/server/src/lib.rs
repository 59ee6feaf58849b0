//! The find-facts server: HTTP, admin, configuration; the one place where concrete parts meet.

pub mod callers;
pub mod config;
pub mod control;
pub mod state;
