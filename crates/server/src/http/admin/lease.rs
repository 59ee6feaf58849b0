//! `/admin/v1/lease`: which run may change the server.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use find_facts_api::admin::{Lease, LeaseRequest};
use http::{HeaderMap, Method, Uri};

use super::super::body;
use super::super::refusal::Refusal;
use super::{blocking, json, write};
use crate::app::App;
use crate::control::lease::LONGEST_SECONDS;

/// `GET /admin/v1/lease`: the lease in force, or `null`.
pub(super) async fn current(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    blocking(move || Ok(json(&app.control.lease()?))).await
}

/// `PUT /admin/v1/lease`: the lease in force afterwards, or `null`.
pub(super) async fn take(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let writer = write::writer(&method, &uri, &headers);
    let request: LeaseRequest = body::document(&body::read(&headers, body).await?)?;
    if request.run.trim().is_empty() {
        return Err(body::fault("run", "it is empty; accepted is the run's id"));
    }
    if !(0.0..=LONGEST_SECONDS).contains(&request.ttl_seconds) {
        let reason = format!("`{}` is not accepted; accepted: 0 to {LONGEST_SECONDS}", request.ttl_seconds);
        return Err(body::fault("ttl_seconds", &reason));
    }
    blocking(move || {
        if let Some(answer) = app.control.seen(&writer)? {
            return Ok(json(&answer));
        }
        let lease: Option<Lease> = app.control.take_lease(&request)?;
        app.control.remember(&writer, || serde_json::json!(lease))?;
        Ok(json(&lease))
    })
    .await
}
