//! Statistics of canaries: interference, added latency, limits. Pure functions on numbers: nothing is asked, waited for or
//! drawn from a clock, and the same numbers give the same answer.

pub mod arms;
pub mod improvement;
pub mod interference;
pub mod limit;
pub mod pairs;
pub mod quantile;
pub mod random;
pub mod rate;
pub mod totals;
pub mod trend;

pub use arms::{Arm, TwoArms};
pub use improvement::{Improvement, improvement};
pub use interference::{Comparison, Interference, InterferenceLimits, TooFewBlocks, interference};
pub use limit::harm_shown;
pub use pairs::Pairs;
pub use quantile::{QuantileEstimate, quantile, quantile_with_interval};
pub use random::Seeded;
pub use rate::{Rate, rate};
pub use trend::{Trend, averaged, trend};
