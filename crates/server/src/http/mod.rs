//! The two listeners. Every answer has a request id, every refusal is a problem document, and a stop lets requests under
//! way end.

pub(crate) mod admin;
mod body;
mod listen;
mod open;
mod pace;
pub(crate) mod public;
mod refusal;
mod request_id;

use axum::Router;
use http::{Method, Uri};
use tower::util::MapResponseLayer;

pub(crate) use listen::serve;
pub(crate) use refusal::chain;
use refusal::{Code, Refusal};

/// What routes of both listeners have in common.
fn finish<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(MapResponseLayer::new(request_id::stamp))
}

async fn not_found(uri: Uri) -> Refusal {
    Code::NotFound.refuse(format!("there is nothing at `{}`", uri.path()))
}

async fn method_not_allowed(method: Method, uri: Uri) -> Refusal {
    Code::MethodNotAllowed.refuse(format!("`{}` does not take `{method}`", uri.path()))
}
