//! FindFactsService: the legacy handler, the tiers above it, and the way down when one fails.
//!
//! A request goes one way: `request` (bytes to checked values), `service` (flags, then exact matching, then where that
//! found nothing the tiers), and `legacy` or `enhanced` (values to bytes). On the way `route` decides which tiers may
//! answer, `descent` tries them under `timeouts`, each on the threads of its own `pool`. `alone` asks one tier and no other.

mod alone;
mod descent;
mod enhanced;
mod faults;
mod legacy;
mod pool;
mod priority;
mod request;
mod route;
mod service;
mod timeouts;
mod wording;

pub use alone::Alone;
pub use faults::{FaultBoard, FaultyFinder, InvalidFaults};
pub use legacy::find_exact;
pub use pool::CannotStart;
pub use priority::give_way;
pub use request::{
    BODY_LIMIT, CODES, Code, DEFAULT_LIMIT, FindFactsRequest, MAX_LIMIT, Query, body_too_large, parse,
    parse_operator,
};
pub use service::{Answer, Asker, FindFactsService};
pub use timeouts::Timeouts;
