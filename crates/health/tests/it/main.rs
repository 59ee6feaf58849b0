//! What a monitor makes of traffic, through the public interface only and on a virtual clock.

mod cohorts;
mod gates;
mod status;
mod world;
