//! `POST /admin/v1/find_facts`: as the public one, but a named mode runs whatever the flags say, and nothing is counted.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::response::Response;
use find_facts_core::Caller;
use find_facts_service::{Asker, parse_operator};
use http::HeaderMap;

use super::super::refusal::Refusal;
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
    Ok(public::facts(answer.body))
}
