//! How the tiers are doing: outcomes in, figures and verdicts out. Nothing here starts a thread or waits: somebody asks
//! [`Monitor::assess`] at given moments, and time comes from the clock that was handed in.
//!
//! - `series` keeps the health window, `totals` what has happened since the start;
//! - `quality` counts what golden probes and shadow runs found;
//! - `status` judges figures, `gate` turns requests away from a tier that fails and lets it prove itself again;
//! - `monitor` puts them together, `report` writes them down, `prometheus` prints the report, `alerts` says
//!   what is new.

mod alerts;
mod breaker;
mod callers;
mod gate;
mod monitor;
pub mod prometheus;
mod quality;
mod report;
mod series;
mod settings;
mod status;
mod tiers;
mod totals;

pub use alerts::Alert;
pub use gate::Admission;
pub use monitor::{Assessment, Monitor};
pub use quality::{Quality, Shadow};
pub use report::{ReportParts, TierParts};
pub use settings::{Limit, Limits, Settings};
pub use status::Cause;
pub use tiers::Event;
