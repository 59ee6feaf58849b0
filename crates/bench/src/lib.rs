//! What the measuring and learning programs share: worlds of gold queries, the judge, self-made splits, the model.

pub mod drive;
pub mod gold;
pub mod http;
pub mod judge;
pub mod model;
pub mod program;
pub mod world;
