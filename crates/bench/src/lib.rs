//! What the measuring and learning programs share: worlds of gold queries, the judge, self-made splits, the model.

pub mod drive;
pub mod gold;
pub mod http;
pub mod judge;
pub mod learn;
pub mod model;
pub mod noise;
pub mod program;
pub mod random;
pub mod server;
pub mod split;
pub mod times;
pub mod weights;
pub mod world;
