//! The two listeners. Every answer has a request id, every refusal is a problem document, and a stop lets requests under
//! way end.

pub(crate) mod admin;
mod body;
pub(crate) mod public;
mod refusal;
mod request_id;

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::serve::ListenerExt;
use http::{Method, Uri};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::util::MapResponseLayer;

pub(crate) use refusal::chain;
use refusal::{Code, Refusal};

/// What routes of both listeners have in common.
fn finish<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(MapResponseLayer::new(request_id::stamp))
}

/// Serves until `stop`, and then until the requests under way have ended.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> io::Result<()> {
    // Answers are small and written at once: waiting for more to send would only delay them.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
    });
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

async fn not_found(uri: Uri) -> Refusal {
    Code::NotFound.refuse(format!("there is nothing at `{}`", uri.path()))
}

async fn method_not_allowed(method: Method, uri: Uri) -> Refusal {
    Code::MethodNotAllowed.refuse(format!("`{}` does not take `{method}`", uri.path()))
}
