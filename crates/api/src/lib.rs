//! The wire formats, as types. A document written by one version of the server is read by every later deployctl:
//! fields are added, never changed or removed.

pub mod admin;
pub mod find_facts;
pub mod problem;
pub mod rollout;
pub mod suite;

pub use problem::Problem;
