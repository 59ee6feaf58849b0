//! deployctl as its users call it: against a server of the tests' own that speaks the admin API.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on ends its test")]

mod closing;
mod exits;
mod fake;
mod phase3;
mod texts;
mod verbs;
mod world;
