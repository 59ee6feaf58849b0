//! Errors on the wire: RFC 9457 problem documents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The media type of a problem document.
pub const CONTENT_TYPE: &str = "application/problem+json";

/// A problem document. `type` is the error's stable code, which is also the name of its page under `docs/errors/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:find-facts:error:` and the stable code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's meaning, the same for every occurrence.
    pub title: String,
    /// The HTTP status, repeated.
    pub status: u16,
    /// What is wrong this time: what, where, and what is accepted.
    pub detail: String,
    /// The part of the request that is at fault, as a path such as `query.subject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Further members that belong to this code.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
}

impl Problem {
    const PREFIX: &str = "urn:find-facts:error:";

    /// A problem with a stable code.
    pub fn new(status: u16, code: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("{}{code}", Self::PREFIX),
            title: title.to_owned(),
            status,
            detail: detail.into(),
            part: None,
            more: BTreeMap::new(),
        }
    }

    /// Names the part of the request that is at fault.
    #[must_use]
    pub fn at(mut self, part: impl Into<String>) -> Self {
        self.part = Some(part.into());
        self
    }

    /// Adds a member that belongs to this code.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.more.insert(key.to_owned(), value.into());
        self
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        self.kind.strip_prefix(Self::PREFIX).unwrap_or(&self.kind)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Problem {}
