//! FindFactsService: the legacy handler, the tiers above it, and the way down when one fails.

mod legacy;
mod request;
mod wording;

pub use legacy::find_exact;
pub use request::{
    BODY_LIMIT, CODES, Code, DEFAULT_LIMIT, FindFactsRequest, MAX_LIMIT, Query, body_too_large, parse,
    parse_operator,
};
