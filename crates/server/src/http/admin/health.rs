//! How the server is, and what it is.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use find_facts_api::admin::{MonitoringPart, ServerInfo, StoreSchema};
use find_facts_health::prometheus;
use http::header::CONTENT_TYPE;

use super::super::refusal::{Refusal, internal};
use super::{blocking, json};
use crate::app::App;

/// `GET /admin/v1/health`.
pub(super) async fn report(State(app): State<Arc<App>>) -> Response {
    json(&app.report())
}

/// `GET /metrics`.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response {
    ([(CONTENT_TYPE, prometheus::CONTENT_TYPE)], prometheus::render(&app.report())).into_response()
}

/// `GET /admin/v1/info`.
pub(super) async fn info(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    blocking(move || {
        let schema = app.store.schema().map_err(|error| internal(&error))?;
        Ok(json(&ServerInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            monitoring: vec![MonitoringPart::Metrics, MonitoringPart::Alerts],
            store: StoreSchema { version: schema.version, latest: schema.latest },
        }))
    })
    .await
}
