//! The public listener. What stands between a request and its answer is kept to what each request needs: a query is
//! answered without the router and its extractors, which would cost more than finding the facts.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use find_facts_api::find_facts::Feedback;
use find_facts_service::{Asker, parse};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use hyper::body::Incoming;
use tower::BoxError;
use uuid::Uuid;

use super::listen::Answers;
use super::refusal::{Code, Refusal};
use super::{body, finish, request_id};
use crate::app::App;

/// Comments go to the log, which strangers must not be able to fill a megabyte at a time.
const LONGEST_COMMENT: usize = 1000;

const FIND_FACTS: &str = "/v1/find_facts";

/// Everything that the public listener answers.
#[derive(Clone)]
pub(crate) struct Public {
    app: Arc<App>,
    router: Router,
}

impl Public {
    /// Of an app.
    pub(crate) fn new(app: &Arc<App>) -> Self {
        Self { app: Arc::clone(app), router: router(app) }
    }
}

impl Answers for Public {
    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        if request.method() == Method::POST && request.uri().path() == FIND_FACTS {
            return request_id::stamp(find_facts(&self.app, peer, request).await.into_response());
        }
        self.router.answer(request, peer).await
    }
}

fn router(app: &Arc<App>) -> Router {
    let routes = Router::new()
        // Queries do not come this far; other methods are told what the path takes.
        .route(FIND_FACTS, post(routed))
        .route("/v1/feedback", post(feedback))
        .route("/healthz", get(alive))
        .route("/readyz", get(ready));
    finish(routes).with_state(Arc::clone(app))
}

async fn routed(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Result<Response, Refusal> {
    find_facts(&app, peer, request).await
}

async fn find_facts<B>(app: &App, peer: SocketAddr, request: Request<B>) -> Result<Response, Refusal>
where
    B: hyper::body::Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    let (head, body) = request.into_parts();
    let caller = app.control.live().callers.resolve(&head.headers, peer);
    let caller = caller.map_err(|error| Code::UnknownKey.refuse(error.to_string()))?;
    let bytes = body::read(&head.headers, body).await?;
    let request = parse(&bytes)?;
    let answer = app.service.find(&request, Asker::Client(&caller)).await;
    app.quality.sampler.offer(&request);
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
