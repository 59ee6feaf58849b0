//! The knowledge base while it is served: changes, samples, its format.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use find_facts_api::admin::{EventKind, FactsWrite, FactsWritten, StoreSchema};
use find_facts_core::Deadline;
use http::{HeaderMap, Method, Uri};
use serde::Deserialize;

use super::super::body;
use super::super::refusal::{Code, Refusal, chain, internal};
use super::{Parameters, blocking, json, parameters, write};
use crate::app::App;
use crate::sample;

/// A suite asks for some hundreds; more than this would be an export.
const MOST_SAMPLED: usize = 10_000;

/// `POST /admin/v1/facts`.
pub(super) async fn write(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let writer = write::writer(&method, &uri, &headers);
    let request: FactsWrite = body::document(&body::read(&headers, body).await?)?;
    let done = write::once(app, writer, move |app| {
        let applied = app.store.apply(&request.add, &request.remove);
        let applied = applied.map_err(|error| body::fault(".", &chain(&error)))?;
        if applied.added + applied.removed > 0 {
            app.tiers.knowledge_base_changed();
            app.control.tell(EventKind::FactsChanged { version: applied.version })?;
        }
        Ok(FactsWritten { version: applied.version, added: applied.added, removed: applied.removed })
    });
    done.await.map(|written| json(&written))
}

/// What a sample is drawn by.
#[derive(Debug, Deserialize)]
pub(super) struct Draw {
    seed: u64,
    n: usize,
}

/// `GET /admin/v1/kb/sample`.
pub(super) async fn sample(
    State(app): State<Arc<App>>,
    query: Parameters<Draw>,
) -> Result<Response, Refusal> {
    let Draw { seed, n } = parameters(query)?;
    if n > MOST_SAMPLED {
        return Err(Code::InvalidParameter.refuse(format!("`n` is {n}; accepted: up to {MOST_SAMPLED}")));
    }
    let index = app.store.current();
    blocking(move || {
        let sample = sample::draw(&*index, seed, n, &Deadline::none()).map_err(|error| internal(&error))?;
        Ok(json(&sample))
    })
    .await
}

/// `POST /admin/v1/store/migrate`.
pub(super) async fn migrate(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let writer = write::writer(&method, &uri, &headers);
    let done = write::once(app, writer, |app| {
        let schema = app.store.migrate().map_err(|error| internal(&error))?;
        Ok(StoreSchema { version: schema.version, latest: schema.latest })
    });
    done.await.map(|schema| json(&schema))
}
