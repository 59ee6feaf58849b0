//! One question, asked as a caller asks it, so that the reader sees what Tier 2 changes.

use std::fmt;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::server::Server;

/// The question that the demo shows.
pub(super) const SHOWN: &str = "Which currency should I bring to Jordan?";

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    facts: Vec<Value>,
    gap: Option<String>,
}

impl Reply {
    /// Asks the public listener.
    pub(super) fn to(server: &Server, question: &str) -> Result<Self> {
        let body = json!({ "query": { "text": question } });
        let text = ureq::post(format!("{}/v1/find_facts", server.public))
            .header("content-type", "application/json")
            .send(body.to_string())
            .and_then(|mut response| response.body_mut().read_to_string())
            .context("the server refused the question")?;
        let answer: Value = serde_json::from_str(&text).context("the answer is no JSON")?;
        Ok(Self::of(&answer["data"]))
    }

    fn of(data: &Value) -> Self {
        Self {
            facts: data["facts"].as_array().cloned().unwrap_or_default(),
            gap: data["enhancement"]["gap"].as_str().map(str::to_owned),
        }
    }

    /// Whether it holds no fact.
    pub(super) fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "facts: {}", json!(self.facts))?;
        self.gap.iter().try_for_each(|gap| write!(f, " ({gap})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(data: Value, expected: &str) {
        assert_eq!(Reply::of(&data).to_string(), expected);
    }

    #[test]
    fn a_reply_is_its_facts_or_what_is_missing() {
        check(json!({ "facts": [], "enhancement": { "gap": "no tier" } }), "facts: [] (no tier)");
        check(json!({ "facts": [{ "subject": "Jordan" }] }), r#"facts: [{"subject":"Jordan"}]"#);
    }
}
