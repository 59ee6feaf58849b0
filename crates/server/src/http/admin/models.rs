//! `/admin/v1/models`: the catalogue, what the cache holds of it, and pulls.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use find_facts_api::admin::ModelList;
use http::{HeaderMap, Method, Uri};
use serde::Deserialize;

use super::super::body;
use super::super::refusal::{Code, Refusal};
use super::{accepted, blocking, json, write};
use crate::app::App;

/// `POST /admin/v1/models/{id}/pull`: the body may be absent.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PullRequest {
    /// Whether somebody has read and accepted the model's licence.
    #[serde(default)]
    accept_licence: bool,
}

/// `GET /admin/v1/models`.
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    blocking(move || Ok(json(&ModelList { models: app.models.list() }))).await
}

/// `POST /admin/v1/models/{id}/pull`: begins it, or finds it begun or done.
pub(super) async fn pull(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let writer = write::writer(&method, &uri, &headers);
    let bytes = body::read(&headers, body).await?;
    let request: PullRequest =
        if bytes.is_empty() { PullRequest::default() } else { body::document(&bytes)? };
    // A pull is safe to repeat by itself; answering from memory would hide how far it has come.
    blocking(move || {
        app.control.refuse_other_runs(&writer)?;
        let pulling = app.models.pull(&id, request.accept_licence);
        pulling.map(|status| accepted(&status)).map_err(|error| Code::UnknownModel.refuse(error.to_string()))
    })
    .await
}
