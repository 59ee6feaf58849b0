//! `/admin/v1/rollout`: what the controller last reported, and the commands that wait for it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use find_facts_api::rollout::RolloutWrite;

use super::super::refusal::Refusal;
use super::write::Write;
use super::{blocking, json};
use crate::app::App;

/// `GET /admin/v1/rollout`.
pub(super) async fn current(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    blocking(move || Ok(json(&app.control.rollout()?))).await
}

/// `PUT /admin/v1/rollout`.
pub(super) async fn write(State(app): State<Arc<App>>, write: Write) -> Result<Response, Refusal> {
    let request: RolloutWrite = write.document()?;
    let done = write.once(app, move |app| Ok(app.control.write_rollout(request)?));
    done.await.map(|state| json(&state))
}
