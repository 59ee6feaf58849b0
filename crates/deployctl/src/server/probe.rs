//! Queries asked as the operator: they expose no caller and count in no window.

use std::time::{Duration, Instant};

use find_facts_api::admin::{ATTEMPTS, TierAttempt};
use find_facts_api::find_facts::{FactRow, FindFactsResponse};
use find_facts_core::{Mode, Parts, Without};
use find_facts_rollout::ports::{Answer, Ask, PortError, Probe};
use reqwest::header::HeaderMap;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::AdminServer;

/// The server's highest limit, so that a set of facts is seen whole.
const LIMIT: usize = 100;

#[derive(Serialize)]
struct Body<'a> {
    query: Asked<'a>,
    limit: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    enhancement_mode: Option<Mode>,
    #[serde(skip_serializing_if = "Without::is_empty")]
    without: &'a Without,
}

/// The parts, or the question.
#[derive(Serialize)]
#[serde(untagged)]
enum Asked<'a> {
    Question { text: &'a str },
    Parts(&'a Parts),
}

impl Probe for AdminServer {
    fn ask(&self, ask: &Ask) -> Result<Answer, PortError> {
        let query = match &ask.text {
            Some(text) => Asked::Question { text },
            None => Asked::Parts(&ask.parts),
        };
        let body = Body { query, limit: LIMIT, enhancement_mode: ask.mode, without: &ask.without };
        let began = Instant::now();
        let (headers, bytes) = self.client.post_bytes("/admin/v1/find_facts", &body)?;
        let elapsed = began.elapsed();
        let response: FindFactsResponse = serde_json::from_slice(&bytes).map_err(|source| {
            PortError::Unreachable { call: "POST /admin/v1/find_facts".to_owned(), source: Box::new(source) }
        })?;
        let enhancement = response.data.enhancement;
        let at_server = enhancement.as_ref().map(|e| Duration::from_secs_f64(e.ms.max(0.0) / 1e3));
        let (linked, expanded) = enhancement.map(|e| (e.linked, e.expanded)).unwrap_or_default();
        Ok(Answer {
            facts: response.data.facts.into_iter().map(|FactRow { fact, .. }| fact).collect(),
            at_server,
            attempts: attempts(&headers),
            linked,
            expanded,
            digest: hex(&Sha256::digest(&bytes)),
            elapsed,
        })
    }
}

/// The tiers that ran; nothing of a server that does not say it.
fn attempts(headers: &HeaderMap) -> Vec<TierAttempt> {
    let told = headers.get(ATTEMPTS).and_then(|told| serde_json::from_slice(told.as_bytes()).ok());
    told.unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
