//! The admin listener: the routes, who may use them, and the audit of every write.

mod access;
mod audit;
mod events;
mod facts;
mod faults;
mod find_facts;
mod flags;
mod health;
mod lease;
mod models;
mod reload;
mod rollout;
mod tiers;
mod write;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

pub(crate) use access::Access;
pub use access::AccessError;

use super::finish;
use super::refusal::{Code, Refusal};
use crate::app::App;

/// At most this many rows of a log in one answer.
const ROWS: usize = 1000;

pub(crate) fn router(app: &Arc<App>) -> Router {
    let routes = Router::new()
        .route("/admin/v1/info", get(health::info))
        .route("/admin/v1/health", get(health::report))
        .route("/metrics", get(health::metrics))
        .route("/admin/v1/flags", get(flags::current).put(flags::replace))
        .route("/admin/v1/flags/history", get(flags::history))
        .route("/admin/v1/reload", post(reload::reload))
        .route("/admin/v1/rollback", post(flags::roll_back))
        .route("/admin/v1/tiers/{tier}", post(tiers::initialise).delete(tiers::remove))
        .route("/admin/v1/models", get(models::list))
        .route("/admin/v1/models/{id}/pull", post(models::pull))
        .route("/admin/v1/models/{id}/load", post(models::load))
        .route("/admin/v1/models/{id}/unload", post(models::unload))
        .route("/admin/v1/find_facts", post(find_facts::find_facts))
        .route("/admin/v1/facts", post(facts::write))
        .route("/admin/v1/kb/sample", get(facts::sample))
        .route("/admin/v1/store/migrate", post(facts::migrate))
        .route("/admin/v1/lease", put(lease::take).get(lease::current))
        .route("/admin/v1/rollout", get(rollout::current).put(rollout::write))
        .route("/admin/v1/events", get(events::events))
        .route("/admin/v1/audit", get(audit::list))
        .route("/admin/v1/faults", get(faults::current).put(faults::set));
    finish(routes)
        .layer(from_fn_with_state(Arc::clone(app), audit::record))
        .layer(from_fn_with_state(Arc::clone(app), access::check))
        .with_state(Arc::clone(app))
}

/// Where to begin in a log.
#[derive(Debug, Default, Deserialize)]
struct Since {
    since: Option<u64>,
}

type Parameters<T> = Result<Query<T>, QueryRejection>;

fn parameters<T>(query: Parameters<T>) -> Result<T, Refusal> {
    query.map(|Query(value)| value).map_err(|error| Code::InvalidParameter.refuse(error.body_text()))
}

/// The part of a path that names something.
type Segment = Result<Path<String>, PathRejection>;

fn segment(segment: Segment) -> Result<String, Refusal> {
    segment.map(|Path(name)| name).map_err(|error| Code::NotFound.refuse(error.body_text()))
}

/// Runs what waits for the disk on a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(super::refusal::internal(&error)),
    }
}

/// A document as an answer.
fn json(document: &impl Serialize) -> Response {
    match serde_json::to_vec(document) {
        Ok(bytes) => ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response(),
        Err(error) => super::refusal::internal(&error).into_response(),
    }
}

/// A document as an answer to a write whose effect is still to come.
fn accepted(document: &impl Serialize) -> Response {
    (StatusCode::ACCEPTED, json(document)).into_response()
}
