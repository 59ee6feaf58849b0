//! Who changed what, when and from where: every write that was let in, with how it ended.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use find_facts_api::admin::AuditList;
use http::Method;

use super::super::refusal::Refusal;
use super::{Parameters, ROWS, Since, blocking, json, parameters, write};
use crate::app::App;

/// Writes down every write once it has ended. Questions are no writes, though they are posted.
pub(super) async fn record(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let is_write = request.method() != Method::GET && request.method() != Method::HEAD;
    if !is_write || request.uri().path().ends_with("/find_facts") {
        return next.run(request).await;
    }
    let writer = write::writer(request.method(), request.uri(), request.headers());
    let response = next.run(request).await;
    let outcome = response.status().as_u16().to_string();
    let (who, from) = (writer.by(), Some(peer.to_string()));
    let noted = blocking(move || {
        app.control.note(who, writer.request, from, outcome);
        Ok(())
    });
    // What was done is done; the log of the process has a failure to note it.
    let _ = noted.await;
    response
}

/// `GET /admin/v1/audit`.
pub(super) async fn list(State(app): State<Arc<App>>, query: Parameters<Since>) -> Result<Response, Refusal> {
    let since = parameters(query)?.since.unwrap_or(0);
    blocking(move || Ok(json(&AuditList { entries: app.control.state.audit.after(since, ROWS)? }))).await
}
