//! The right to change the server.

use serde::{Deserialize, Serialize};

/// `PUT /admin/v1/lease`: takes, renews or, with `ttl_seconds` 0, gives back the right to change the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaseRequest {
    /// The run that holds it. The same run from another process takes it over.
    pub run: String,
    /// Host and process, for people.
    pub holder: String,
    /// For how long.
    pub ttl_seconds: f64,
}

/// A lease in force; also the member `current` of the 409 that another run gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lease {
    /// The run that holds it.
    pub run: String,
    /// Host and process, for people.
    pub holder: String,
    /// When it ends, unix milliseconds.
    pub expires_ms: u64,
}
