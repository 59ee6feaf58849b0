//! `POST /admin/v1/find_facts`: as the public one, but a named mode runs whatever the flags say, and nothing is counted. A
//! header says what the body of a client never would: that a tier has failed.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::response::Response;
use find_facts_api::admin::{ATTEMPTS, TierAttempt};
use find_facts_core::Caller;
use find_facts_service::{Asker, parse_operator};
use http::{HeaderMap, HeaderValue};

use super::super::refusal::{Refusal, internal};
use super::super::{body, public};
use crate::app::App;

pub(super) async fn find_facts(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (request, without) = parse_operator(&body::read(&headers, body).await?)?;
    let caller = Caller::unauthenticated(peer.ip().to_string());
    let answer = app.service.find(&request, Asker::Operator(&caller, &without)).await;
    let mut response = public::facts(answer.body);
    let attempts = answer.outcome.attempts.iter();
    let attempts: Vec<TierAttempt> =
        attempts.map(|attempt| TierAttempt { tier: attempt.tier, result: attempt.result }).collect();
    let attempts = serde_json::to_string(&attempts).map_err(|error| internal(&error))?;
    let attempts = HeaderValue::try_from(attempts).map_err(|error| internal(&error))?;
    response.headers_mut().insert(ATTEMPTS, attempts);
    Ok(response)
}
