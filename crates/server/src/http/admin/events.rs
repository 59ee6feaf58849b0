//! `/admin/v1/events`: what happened, as a stream that can be taken up where it broke off, or as a list.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use find_facts_api::admin::{Event, EventList};
use futures_util::stream::{self, Stream, StreamExt};
use http::HeaderMap;
use http::header::ACCEPT;

use super::super::refusal::{Code, Refusal, chain};
use super::{Parameters, ROWS, Since, blocking, json, parameters};
use crate::app::App;

/// Proxies cut connections that are silent for half a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A list where JSON is asked for, else a stream. The stream begins after `Last-Event-ID`, else after `since`, else now.
pub(super) async fn events(
    State(app): State<Arc<App>>,
    query: Parameters<Since>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let since = parameters(query)?.since;
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("application/json") {
        let read = move || {
            let events = app.control.state.events.after(since.unwrap_or(0), ROWS)?;
            Ok(json(&EventList { events }))
        };
        return blocking(read).await;
    }
    let after = match headers.get("last-event-id") {
        Some(id) => Some(
            id.to_str()
                .ok()
                .and_then(|id| id.parse().ok())
                .ok_or_else(|| Code::InvalidParameter.refuse("`Last-Event-ID` is no number of an event"))?,
        ),
        None => since,
    };
    let newest = *app.control.state.events.newest().borrow();
    let stream = follow(app, after.unwrap_or(newest));
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

/// Every event after a number, those to come included, until the server stops.
fn follow(app: Arc<App>, after: u64) -> impl Stream<Item = Result<SseEvent, Infallible>> {
    let newest = app.control.state.events.newest();
    let batches = stream::unfold((app, newest, after), |(app, mut newest, after)| async move {
        let stop = app.stop.clone();
        let there_is_more = newest.wait_for(|newest| *newest > after);
        tokio::select! {
            _ = stop.cancelled() => return None,
            more = there_is_more => drop(more.ok()?),
        }
        let reader = Arc::clone(&app);
        let read = blocking(move || Ok(reader.control.state.events.after(after, ROWS)?));
        let events = read.await.ok()?;
        let last = events.last()?.id;
        Some((stream::iter(events.into_iter().filter_map(encode).map(Ok)), (app, newest, last)))
    });
    batches.flatten()
}

fn encode(event: Event) -> Option<SseEvent> {
    let encoded = SseEvent::default().id(event.id.to_string()).json_data(&event);
    encoded.inspect_err(|error| tracing::error!(error = %chain(error), "an event cannot be written")).ok()
}
