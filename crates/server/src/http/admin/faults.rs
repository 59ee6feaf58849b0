//! `/admin/v1/faults`: faults on purpose, where the configuration asks for them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use find_facts_api::admin::Faults;

use super::super::body;
use super::super::refusal::{Code, Refusal, chain};
use super::json;
use super::write::Write;
use crate::app::App;

/// `GET /admin/v1/faults`.
pub(super) async fn current(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    refuse_unless_enabled(&app)?;
    Ok(json(&app.faults.get()))
}

/// `PUT /admin/v1/faults`.
pub(super) async fn set(State(app): State<Arc<App>>, write: Write) -> Result<Response, Refusal> {
    refuse_unless_enabled(&app)?;
    let faults: Faults = write.document()?;
    let done = write.once(app, move |app| {
        app.faults.set(faults).map_err(|error| body::fault("faults", &chain(&error)))?;
        Ok(app.faults.get())
    });
    done.await.map(|faults| json(&faults))
}

fn refuse_unless_enabled(app: &App) -> Result<(), Refusal> {
    if app.control.live().config.faults.enabled {
        return Ok(());
    }
    Err(Code::FaultsDisabled
        .refuse("set `faults.enabled = true` in the configuration to rehearse with faults"))
}
