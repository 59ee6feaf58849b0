//! Entity linking: from what was written to the entity that was meant. Brings no model engine, no HTTP and no runtime.
//!
//! [`Tier1`] indexes the names of a [`FactStore`](find_facts_core::FactStore) and answers as a
//! [`FactFinder`](find_facts_core::FactFinder). A mention is looked up whole, then by likeness of letters and words, then by
//! vectors; all candidates are ranked together with the chance that none of them is meant.

mod abbreviation;
mod answer;
mod background;
mod cache;
pub mod channel;
mod channel_costs;
mod codes;
mod comparison;
mod config;
mod covering;
mod dictionary;
mod edits;
pub mod features;
mod finder;
mod iri;
mod link;
mod live;
mod meanings;
mod means;
mod mention;
mod names;
pub mod net;
mod ngram;
pub mod normalise;
mod postings;
mod profile;
mod reading;
mod rewrites;
mod segment;
mod senses;
mod setup;
pub mod slip;
mod vectors;
mod view;
pub mod weights;
mod words;

pub use config::{Ingredients, Tier1Config};
pub use finder::{Tier1, Weighed};
pub use reading::{Aim, Meant, Named};
pub use segment::IndexError;
pub use setup::{Setup, SetupError, SetupEvent};
pub use vectors::{BuildError, Progress, StoredVectors, VectorFileError};
