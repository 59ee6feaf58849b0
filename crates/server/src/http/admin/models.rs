//! `/admin/v1/models`: the catalogue, what the cache holds of it, pulls, and which language models are in memory.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use find_facts_api::admin::{ModelList, PullRequest};
use find_facts_models::NotLocated;

use super::super::refusal::{Code, Refusal};
use super::write::Write;
use super::{Segment, accepted, blocking, json, segment};
use crate::app::App;
use crate::http::refusal::chain;
use crate::language::CannotLoad;

/// `GET /admin/v1/models`.
pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    blocking(move || {
        let rows = app.models.list().into_iter().map(|row| app.languages.complete(row));
        Ok(json(&ModelList { models: rows.collect() }))
    })
    .await
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

/// `POST /admin/v1/models/{id}/load`: begins it, or finds it begun or done.
pub(super) async fn load(
    State(app): State<Arc<App>>,
    id: Segment,
    write: Write,
) -> Result<Response, Refusal> {
    let id = segment(id)?;
    blocking(move || {
        app.control.refuse_other_runs(&write.writer)?;
        app.languages.load(&id).map(|status| accepted(&status)).map_err(|error| refusal(&error))
    })
    .await
}

/// `POST /admin/v1/models/{id}/unload`.
pub(super) async fn unload(
    State(app): State<Arc<App>>,
    id: Segment,
    write: Write,
) -> Result<Response, Refusal> {
    let id = segment(id)?;
    blocking(move || {
        app.control.refuse_other_runs(&write.writer)?;
        app.languages.unload(&id).map(|status| json(&status)).map_err(|error| refusal(&error))
    })
    .await
}

fn refusal(error: &CannotLoad) -> Refusal {
    let code = match error {
        CannotLoad::NotLocated(NotLocated::Unknown(_)) | CannotLoad::Unknown(_) => Code::UnknownModel,
        CannotLoad::NotLocated(_) => Code::ModelAbsent,
        CannotLoad::OverBudget(_) => Code::ModelOverBudget,
        CannotLoad::NotLoadable(_) | CannotLoad::NotLanguage(_) => Code::ModelNotLoadable,
        CannotLoad::InUse(_) => Code::ModelInUse,
        CannotLoad::LeavesWithTiers(_) => Code::EmbeddingModel,
        CannotLoad::NoThread(_) => return super::super::refusal::internal(error),
    };
    code.refuse(chain(error))
}
