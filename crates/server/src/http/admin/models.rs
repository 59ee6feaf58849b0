//! `/admin/v1/models`: the catalogue, what the cache holds of it, and pulls.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use find_facts_api::admin::{ModelList, PullRequest};

use super::super::refusal::{Code, Refusal};
use super::write::Write;
use super::{Segment, accepted, blocking, json, segment};
use crate::app::App;

/// `GET /admin/v1/models`.
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    blocking(move || Ok(json(&ModelList { models: app.models.list() }))).await
}

/// `POST /admin/v1/models/{id}/pull`: begins it, or finds it begun or done. The body may be absent.
pub(super) async fn pull(
    State(app): State<Arc<App>>,
    id: Segment,
    write: Write,
) -> Result<Response, Refusal> {
    let id = segment(id)?;
    let request: PullRequest = write.document_if_any()?.unwrap_or_default();
    // A pull is safe to repeat by itself; answering from memory would hide how far it has come.
    blocking(move || {
        app.control.refuse_other_runs(&write.writer)?;
        let pulling = app.models.pull(&id, request.accept_licence);
        pulling.map(|status| accepted(&status)).map_err(|error| Code::UnknownModel.refuse(error.to_string()))
    })
    .await
}
