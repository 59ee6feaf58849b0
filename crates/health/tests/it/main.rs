//! What a monitor makes of traffic, through the public interface only and on a virtual clock.

mod cohorts;
mod gates;
mod metrics;
mod status;
mod world;
