//! The public listener. What stands between a request and its answer is kept to what each request needs.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use find_facts_api::find_facts::Feedback;
use find_facts_service::{Asker, parse};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use uuid::Uuid;

use super::refusal::{Code, Refusal};
use super::{body, finish};
use crate::app::App;

/// Comments go to the log, which strangers must not be able to fill a megabyte at a time.
const LONGEST_COMMENT: usize = 1000;

pub(crate) fn router(app: &Arc<App>) -> Router {
    let routes = Router::new()
        .route("/v1/find_facts", post(find_facts))
        .route("/v1/feedback", post(feedback))
        .route("/healthz", get(alive))
        .route("/readyz", get(ready));
    finish(routes).with_state(Arc::clone(app))
}

async fn find_facts(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let caller = app.control.live().callers.resolve(&headers, peer);
    let caller = caller.map_err(|error| Code::UnknownKey.refuse(error.to_string()))?;
    let bytes = body::read(&headers, body).await?;
    let request = parse(&bytes)?;
    let answer = app.service.find(&request, Asker::Client(&caller)).await;
    Ok(facts(answer.body))
}

/// An answer's bytes as a response.
pub(super) fn facts(body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn feedback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let feedback: Feedback = body::document(&body::read(&headers, body).await?)?;
    if Uuid::try_parse(&feedback.request_id).is_err() {
        return Err(body::fault("request_id", "accepted is the `X-Request-Id` of an answer"));
    }
    if !(-1..=1).contains(&feedback.score) {
        return Err(body::fault("score", "accepted is -1, 0 or 1"));
    }
    if feedback.comment.as_ref().is_some_and(|comment| comment.chars().count() > LONGEST_COMMENT) {
        let reason = format!("it is too long; accepted are up to {LONGEST_COMMENT} characters");
        return Err(body::fault("comment", &reason));
    }
    app.feedback.count(feedback.score);
    let Feedback { request_id, score, comment } = feedback;
    tracing::info!(request_id, score, comment, "feedback");
    Ok(StatusCode::NO_CONTENT)
}

/// The process is there.
async fn alive() -> Response {
    status("ok")
}

/// Exact queries are served: a connection that came before they were has waited until now. While the server stops it says no.
async fn ready(State(app): State<Arc<App>>) -> Response {
    if app.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, status("stopping")).into_response();
    }
    status("ready")
}

fn status(text: &'static str) -> Response {
    facts(format!(r#"{{"status":"{text}"}}"#).into_bytes())
}
