//! Whether a request is under way on a connection, since when none is, and whether its place is wanted for another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt;
use hyper::body::Body as _;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// From the last answer, or the beginning of the connection, to the end of the next request's head. As long as other servers
/// keep an idle connection: clients are built for it.
pub(super) const TIME_TO_ASK: Duration = Duration::from_secs(75);

/// The content type of a stream of events, each of which has a number to go on from.
const EVENT_STREAM: &str = "text/event-stream";

/// The pace of one connection.
pub(super) struct Pace {
    opened: Instant,
    is_busy: AtomicBool,
    /// What is under way is a stream that its client can take up again where it broke off.
    is_resumable: AtomicBool,
    /// Milliseconds after the opening; the opening itself before the first answer.
    answered: AtomicU64,
    unwanted: CancellationToken,
}

impl Pace {
    /// Of a connection that was opened now.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self::since(Instant::now()))
    }

    pub(super) fn since(opened: Instant) -> Self {
        Self {
            opened,
            is_busy: AtomicBool::new(false),
            is_resumable: AtomicBool::new(false),
            answered: AtomicU64::new(0),
            unwanted: CancellationToken::new(),
        }
    }

    /// A request has come.
    pub(super) fn begin(&self) {
        self.is_resumable.store(false, Ordering::Relaxed);
        self.is_busy.store(true, Ordering::Relaxed);
    }

    /// Whether a request is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.is_busy.load(Ordering::Relaxed)
    }

    /// A request has been answered, but for what of the answer is still to be made.
    pub(super) fn rest_after(self: &Arc<Self>, answer: Response) -> Response {
        if answer.body().size_hint().exact().is_some() {
            self.rest();
            return answer;
        }
        if answer.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == EVENT_STREAM) {
            self.answered_now();
            self.is_resumable.store(true, Ordering::Relaxed);
        }
        let rest = RestWhenDropped(Arc::clone(self));
        answer.map(|body| {
            Body::new(body.map_frame(move |frame| {
                let _ = &rest;
                frame
            }))
        })
    }

    fn rest(&self) {
        self.answered_now();
        self.is_busy.store(false, Ordering::Relaxed);
    }

    fn answered_now(&self) {
        self.answered.store(self.opened.elapsed().as_millis() as u64, Ordering::Relaxed);
    }

    /// Whether nobody loses an answer when the connection is closed: streams of events would else hold all places for ever.
    pub(super) fn can_make_way(&self) -> bool {
        !self.is_busy() || self.is_resumable.load(Ordering::Relaxed)
    }

    /// Since when the connection can make way; `None` while it cannot, or once it is to be closed anyway.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        (self.can_make_way() && !self.unwanted.is_cancelled()).then(|| self.answered_at())
    }

    /// The connection's place is wanted.
    pub(super) fn make_way(&self) {
        self.unwanted.cancel();
    }

    /// Ends once the connection's place is wanted.
    pub(super) async fn unwanted(&self) {
        self.unwanted.cancelled().await;
    }

    /// Ends once no request has come together for [`TIME_TO_ASK`].
    pub(super) async fn silence(&self) {
        loop {
            let now = Instant::now();
            let until = self.waits_until(now);
            if until <= now {
                return;
            }
            sleep_until(until).await;
        }
    }

    /// Until when the next request may come: a whole time from now while one is under way.
    fn waits_until(&self, now: Instant) -> Instant {
        let since = if self.is_busy() { now } else { self.answered_at() };
        since + TIME_TO_ASK
    }

    fn answered_at(&self) -> Instant {
        self.opened + Duration::from_millis(self.answered.load(Ordering::Relaxed))
    }
}

/// Lies in a body whose length is not known, which its connection drops when it has sent all of it.
struct RestWhenDropped(Arc<Pace>);

impl Drop for RestWhenDropped {
    fn drop(&mut self) {
        self.0.rest();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_counted_from_the_last_answer_and_not_while_one_is_made() {
        let opened = Instant::now();
        let at = |seconds| opened + Duration::from_secs(seconds);
        let pace = Pace::since(opened);
        assert_eq!(pace.waits_until(at(70)), at(75));
        pace.begin();
        assert_eq!(pace.waits_until(at(200)), at(275));
        pace.answered.store(300_000, Ordering::Relaxed);
        pace.is_busy.store(false, Ordering::Relaxed);
        assert_eq!(pace.waits_until(at(310)), at(375));
    }

    #[test]
    fn a_stream_is_under_way_until_it_is_dropped() {
        let pace = Pace::new();
        pace.begin();
        drop(pace.rest_after(Response::new(Body::from("whole"))));
        assert!(!pace.is_busy());
        pace.begin();
        let stream = futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
        let answer = pace.rest_after(Response::new(Body::from_stream(stream)));
        assert!(pace.is_busy() && !pace.can_make_way());
        drop(answer);
        assert!(!pace.is_busy());
    }

    #[test]
    fn a_stream_of_events_is_under_way_and_can_make_way() {
        let pace = Pace::new();
        pace.begin();
        let stream = futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
        let mut answer = Response::new(Body::from_stream(stream));
        answer.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(EVENT_STREAM));
        let answer = pace.rest_after(answer);
        assert!(pace.is_busy() && pace.can_make_way());
        drop(answer);
        pace.begin();
        assert!(!pace.can_make_way());
    }
}
