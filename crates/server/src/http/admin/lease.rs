//! `/admin/v1/lease`: which run may change the server.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use find_facts_api::admin::LeaseRequest;

use super::super::body;
use super::super::refusal::Refusal;
use super::write::Write;
use super::{blocking, json};
use crate::app::App;
use crate::control::lease::LONGEST_SECONDS;

/// `GET /admin/v1/lease`: the lease in force, or `null`.
pub(super) async fn current(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    blocking(move || Ok(json(&app.control.lease()?))).await
}

/// `PUT /admin/v1/lease`: the lease in force afterwards, or `null`.
pub(super) async fn take(State(app): State<Arc<App>>, write: Write) -> Result<Response, Refusal> {
    let request: LeaseRequest = write.document()?;
    if request.run.trim().is_empty() {
        return Err(body::fault("run", "it is empty; accepted is the run's id"));
    }
    if !(0.0..=LONGEST_SECONDS).contains(&request.ttl_seconds) {
        let reason = format!("`{}` is not accepted; accepted: 0 to {LONGEST_SECONDS}", request.ttl_seconds);
        return Err(body::fault("ttl_seconds", &reason));
    }
    let done = write.once(app, move |app| Ok(app.control.take_lease(&request)?));
    done.await.map(|lease| json(&lease))
}
