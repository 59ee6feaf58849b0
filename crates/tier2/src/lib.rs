//! Semantic expansion: wordings of relations and plain questions to the facts that answer them. Brings no model engine, no
//! HTTP and no runtime.
//!
//! [`Tier2`] stands on Tier 1's linking and answers as a [`FactFinder`](find_facts_core::FactFinder). A question is taken apart
//! into a mention and the rest; the rest is compared with wordings of the relations that the mentioned entity really has.

mod ask;
mod cache;
mod choice;
mod config;
mod english;
mod explain;
mod finder;
mod fuzzy;
mod index;
mod lexicon;
mod mentions;
mod namesakes;
mod polar;
mod question;
mod rank;
mod reading;
pub mod rehearsal;

mod relations;
mod setup;
mod vectors;
mod weights;
mod wording;

pub use config::{Ingredients, Tier2Config};
pub use finder::Tier2;
pub use setup::{Progress, Setup, SetupError, SetupEvent, VectorsRefused, VectorsUnsaved};
