//! `/admin/v1/rollout`: what the controller last reported, and the commands that wait for it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use find_facts_api::rollout::RolloutWrite;
use http::{HeaderMap, Method, Uri};

use super::super::body;
use super::super::refusal::Refusal;
use super::{blocking, json, write};
use crate::app::App;

/// `GET /admin/v1/rollout`.
pub(super) async fn current(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    blocking(move || Ok(json(&app.control.rollout()?))).await
}

/// `PUT /admin/v1/rollout`.
pub(super) async fn write(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let writer = write::writer(&method, &uri, &headers);
    let request: RolloutWrite = body::document(&body::read(&headers, body).await?)?;
    let done = write::once(app, writer, move |app| Ok(app.control.write_rollout(request)?));
    done.await.map(|state| json(&state))
}
