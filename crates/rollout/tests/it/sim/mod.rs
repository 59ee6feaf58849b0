//! A simulated server: flags with generations and keys, health figures from a script, leases, models, restarts and spells
//! out of reach. It keeps to the same contract as the real one.

mod knowledge;
mod ports;
mod script;
mod world;

pub(crate) use knowledge::Knowledge;
pub(crate) use ports::MODELS;
pub(crate) use script::{Script, Spell, Wrong};
pub(crate) use world::SimServer;
