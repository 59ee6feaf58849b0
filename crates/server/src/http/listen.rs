//! Serves one listener, on no more connections than there may be. One on which no request comes together in time is closed,
//! so that nobody can hold all of them, or hold up a stop, by sending half a request; a stop lets requests under way end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use axum::serve::{Listener, ListenerExt};
use http::HeaderValue;
use http::header::CONNECTION;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::Service;

use super::chain;
use super::open::Open;
use super::pace::{Pace, TIME_TO_ASK};

/// How long an answer that is ready may take to reach its client once the server stops; and, since it looks the same from
/// here, how long a connection is kept then on which no request is under way.
const TIME_TO_LEAVE: Duration = Duration::from_secs(1);

/// How long a connection on which no request is under way is still listened to once the server stops: what its client had
/// sent by then is on its way, and would be lost. Longer than from one continent to another and back.
const TIME_TO_ARRIVE: Duration = Duration::from_millis(250);

/// What stands behind a listener.
pub(crate) trait Answers: Clone + Send + Sync + 'static {
    /// Answers a request that came from `peer`.
    fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> impl Future<Output = Response> + Send;
}

impl Answers for Router {
    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let Ok(response) = self.clone().call(request).await;
        response
    }
}

/// Serves until `stop`, and then until the requests under way have ended, on at most `most` connections at once. Dropping the
/// future cuts them off.
pub(crate) async fn serve(
    listener: TcpListener,
    answers: impl Answers,
    most: usize,
    stop: CancellationToken,
) {
    // Answers are small and written at once: waiting for more to send would only delay them.
    let mut listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
    });
    let mut open = Open::new(most);
    loop {
        tokio::select! {
            (stream, peer) = listener.accept() => {
                // The next ones wait in the system's queue until this one has a place.
                tokio::select! {
                    () = open.room() => {}
                    () = stop.cancelled() => {}
                }
                let pace = Pace::new();
                open.add(Arc::clone(&pace), connection(stream, peer, answers.clone(), pace, stop.clone()));
            }
            Some(()) = open.ended() => {}
            () = stop.cancelled() => break,
        }
    }
    drop(listener);
    while open.ended().await.is_some() {}
}

/// Serves one connection.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    answers: impl Answers,
    pace: Arc<Pace>,
    stop: CancellationToken,
) {
    let is_last = AtomicBool::new(false);
    let service = service_fn(|request: Request<Incoming>| {
        pace.begin();
        let answer = answers.answer(request, peer);
        async {
            let mut answer = pace.rest_after(answer.await);
            if is_last.load(Ordering::Relaxed) {
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let mut http = http1::Builder::new();
    // A timer for each head would wake the runtime once more for each request; `Pace` needs one for the connection.
    http.header_read_timeout(None);
    let mut served = pin!(http.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        // What has come is taken in before it is found that nothing has.
        biased;
        ended = &mut served => ended,
        _ = pace.silence() => {
            tracing::debug!(%peer, "a connection asked nothing for {TIME_TO_ASK:?}");
            return;
        }
        _ = pace.unwanted() => {
            if pace.can_make_way() {
                tracing::debug!(%peer, "a connection that was idle, or streams events, makes way for another");
                return;
            }
            is_last.store(true, Ordering::Relaxed);
            served.as_mut().graceful_shutdown();
            served.await
        }
        _ = stop.cancelled() => {
            is_last.store(true, Ordering::Relaxed);
            let may_come = !pace.is_busy();
            if may_come && let Ok(ended) = timeout(TIME_TO_ARRIVE, &mut served).await {
                ended
            } else {
                served.as_mut().graceful_shutdown();
                if pace.is_busy() {
                    served.await
                } else {
                    timeout(TIME_TO_LEAVE, served).await.unwrap_or(Ok(()))
                }
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, error = chain(&error), "a connection broke");
    }
}
