//! Traffic as a service sees it: requests arrive by a schedule whether or not earlier ones were answered, from many callers,
//! few of them busy; and every answer is held against what legacy would have given. Sends only valid requests.

mod judge;
mod mix;
mod noise;
mod pool;
mod popularity;
mod questions;
mod record;
mod send;
mod summary;
mod traffic;
mod world;

pub use judge::Fault;
pub use mix::{InvalidMix, Kind, Mix};
pub use pool::{Expected, Pool, Query};
pub use questions::{QuestionsError, read_questions};
pub use record::Seen;
pub use summary::{KindSummary, Latencies, Summary};
pub use traffic::{Traffic, TrafficError, run};
pub use world::{World, WorldError};
