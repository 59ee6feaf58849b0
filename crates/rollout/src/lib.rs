//! Rollout plans, the decision step(state, input) -> actions, and the run journal. Decides, does not do.
//!
//! `plan` reads and checks TOML, `schedule` resolves it into steps, `step` decides, `journal` remembers, `drive` does what
//! was decided through `ports`. Only `drive` and `journal` have effects, and both through what they are given.

pub mod act;
#[cfg(feature = "contract")]
pub mod contract;
pub mod criteria;
pub mod drive;
pub mod end;
pub mod journal;
pub mod measure;
pub mod note;
pub mod plan;
pub mod ports;
pub mod scale;
pub mod schedule;
pub mod state;
pub mod step;
pub mod suite;
pub mod watch;
