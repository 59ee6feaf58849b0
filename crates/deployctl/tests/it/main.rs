//! deployctl as its users call it: against a server of the tests' own that speaks the admin API.

mod exits;
mod fake;
mod texts;
mod world;
