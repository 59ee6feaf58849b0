//! How the hub and its CDN answer.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State as Shared};
use axum::http::header::{
    ACCEPT_RANGES, AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, LOCATION,
    RANGE, RETRY_AFTER,
};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, response};
use futures_util::stream;

use super::{COMMIT, HubFault, Seen, State, StoredFile};

/// Pieces in which content is sent.
const PIECE: usize = 16 * 1024;

type Answer = Result<Response<Body>, Infallible>;

/// `/{organisation}/{name}/resolve/{revision}/{path}`: a small file, or where a large one is.
pub(super) async fn resolve(
    Shared(state): Shared<Arc<State>>,
    Path((organisation, name, _revision, path)): Path<(String, String, String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    state.note(&method, &uri, &headers, false);
    let key = format!("{organisation}/{name}/{path}");
    let Some((file, fault)) = state.find(&key, refuses) else {
        return Ok(refusal(404, None, "EntryNotFound"));
    };
    if let Some(refusal) = fault.and_then(|fault| refused(&fault, &headers)) {
        return Ok(refusal);
    }
    let about = response::Builder::new().header("x-repo-commit", COMMIT);
    if file.is_large() {
        let text = format!("http://{}/cdn/{key}?signature=secret", state.cdn);
        let about = about
            .status(StatusCode::FOUND)
            .header(LOCATION, text)
            .header("x-linked-etag", format!("\"{}\"", file.etag()))
            .header("x-linked-size", file.content.len());
        return Ok(finish(about, Body::from("Found. Redirecting to the CDN")));
    }
    let about = about.header(ETAG, format!("\"{}\"", file.etag())).header(CONTENT_LENGTH, file.content.len());
    Ok(finish(about, Body::from(Bytes::copy_from_slice(&file.content))))
}

/// `/cdn/{organisation}/{name}/{path}`: content, whole or in part.
pub(super) async fn content(
    Shared(state): Shared<Arc<State>>,
    Path((organisation, name, path)): Path<(String, String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    state.note(&method, &uri, &headers, true);
    let key = format!("{organisation}/{name}/{path}");
    let Some((file, fault)) = state.find(&key, |fault| !refuses(fault)) else {
        return Ok(refusal(404, None, ""));
    };
    if fault == Some(HubFault::WebPage) {
        let about = response::Builder::new().header(CONTENT_TYPE, "text/html; charset=utf-8");
        return Ok(finish(about, Body::from("<html>Please sign in</html>")));
    }
    let etag = format!("\"{}\"", file.etag());
    let total = file.content.len();
    let same = headers.get(IF_RANGE).is_none_or(|tag| tag.as_bytes() == etag.as_bytes());
    let wanted = first_byte(&headers).filter(|_| same && fault != Some(HubFault::NoRanges));
    let about = response::Builder::new().header(ETAG, etag).header(ACCEPT_RANGES, "bytes");
    if wanted.is_some_and(|start| start >= total) {
        let about = about.status(StatusCode::RANGE_NOT_SATISFIABLE);
        return Ok(finish(about.header(CONTENT_RANGE, format!("bytes */{total}")), Body::empty()));
    }
    let start = wanted.unwrap_or(0);
    let about = about.header(CONTENT_LENGTH, total - start);
    let about = match wanted {
        Some(_) => about
            .status(StatusCode::PARTIAL_CONTENT)
            .header(CONTENT_RANGE, format!("bytes {start}-{}/{total}", total - 1)),
        None => about,
    };
    Ok(finish(about, body(file.content[start..].to_vec(), fault)))
}

/// Whether the fault is the hub's own; the others are the CDN's.
fn refuses(fault: &HubFault) -> bool {
    matches!(fault, HubFault::Status { .. } | HubFault::NeedsToken(_))
}

fn refused(fault: &HubFault, headers: &HeaderMap) -> Option<Response<Body>> {
    match fault {
        HubFault::Status { status, retry_after, message, .. } => {
            Some(refusal(*status, *retry_after, message))
        }
        HubFault::NeedsToken(token) => {
            let given = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
            let wanted = format!("Bearer {token}");
            (given != Some(wanted.as_bytes()))
                .then(|| refusal(401, None, "Access to this model is restricted"))
        }
        _ => None,
    }
}

fn refusal(status: u16, retry_after: Option<u64>, message: &str) -> Response<Body> {
    let mut about = response::Builder::new().status(status).header("x-error-message", message);
    if let Some(seconds) = retry_after {
        about = about.header(RETRY_AFTER, seconds);
    }
    finish(about, Body::from("no"))
}

/// The start of `bytes=N-`.
fn first_byte(headers: &HeaderMap) -> Option<usize> {
    headers.get(RANGE)?.to_str().ok()?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
}

fn body(mut content: Vec<u8>, fault: Option<HubFault>) -> Body {
    let (mut cut, mut pause) = (None, Duration::ZERO);
    match fault {
        Some(HubFault::WrongContent) => content.iter_mut().for_each(|byte| *byte ^= 1),
        Some(HubFault::Cut { after, .. }) => cut = Some(after),
        Some(HubFault::Slow { pause: wanted }) => pause = wanted,
        _ => {}
    }
    let arriving = &content[..cut.unwrap_or(content.len()).min(content.len())];
    let mut pieces: Vec<io::Result<Bytes>> =
        arriving.chunks(PIECE).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    if cut.is_some() {
        pieces.push(Err(io::ErrorKind::ConnectionReset.into()));
    }
    Body::from_stream(stream::unfold(pieces.into_iter(), move |mut rest| async move {
        let piece = rest.next()?;
        tokio::time::sleep(pause).await;
        Some((piece, rest))
    }))
}

fn finish(about: response::Builder, body: Body) -> Response<Body> {
    about.body(body).unwrap_or_else(|_| Response::new(Body::from("the hub's own headers are wrong")))
}

impl State {
    fn note(&self, method: &Method, uri: &Uri, headers: &HeaderMap, by_cdn: bool) {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        self.lock().seen.push(Seen {
            method: method.to_string(),
            path: uri.path().to_owned(),
            by_cdn,
            range: header(RANGE),
            authorization: header(AUTHORIZATION),
        });
    }

    /// The file, and its fault if that is one of `these` and strikes now.
    fn find(&self, key: &str, these: impl Fn(&HubFault) -> bool) -> Option<(StoredFile, Option<HubFault>)> {
        let mut inner = self.lock();
        let file = inner.files.get_mut(key)?;
        let fault = file.fault.as_mut().filter(|fault| these(fault));
        let struck = fault.and_then(|fault| fault.strikes().then(|| fault.clone()));
        Some((file.clone(), struck))
    }
}
