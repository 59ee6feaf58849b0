//! The knowledge base while it is served: changes, samples, its format.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use find_facts_api::admin::{EventKind, FactsWrite, FactsWritten, StoreSchema};
use find_facts_core::Deadline;
use find_facts_store::ApplyError;
use serde::Deserialize;

use super::super::body;
use super::super::refusal::{Code, Refusal, chain, internal};
use super::write::Write;
use super::{Parameters, blocking, json, parameters};
use crate::app::App;
use crate::sample;

/// A suite asks for some hundreds; more than this would be an export.
const MOST_SAMPLED: usize = 10_000;

/// `POST /admin/v1/facts`.
pub(super) async fn write(State(app): State<Arc<App>>, write: Write) -> Result<Response, Refusal> {
    let request: FactsWrite = write.document()?;
    let done = write.once(app, move |app| {
        let applied = app.store.apply(&request.add, &request.remove).map_err(refused)?;
        if applied.added + applied.removed > 0 {
            app.tiers.knowledge_base_changed();
            app.control.announce(EventKind::FactsChanged { version: applied.version });
        }
        Ok(FactsWritten { version: applied.version, added: applied.added, removed: applied.removed })
    });
    done.await.map(|written| json(&written))
}

/// A document that cannot be applied is its writer's fault; a disk that takes nothing is not.
fn refused(error: ApplyError) -> Refusal {
    match error {
        ApplyError::Log(error) => internal(&error),
        error => body::fault(".", &chain(&error)),
    }
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
pub(super) async fn migrate(State(app): State<Arc<App>>, write: Write) -> Result<Response, Refusal> {
    let done = write.once(app, |app| {
        let schema = app.store.migrate().map_err(|error| internal(&error))?;
        Ok(StoreSchema { version: schema.version, latest: schema.latest })
    });
    done.await.map(|schema| json(&schema))
}
