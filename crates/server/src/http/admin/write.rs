//! What every write has in common: who asks, the document it brings, and that the same write again changes nothing.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use find_facts_api::admin::{IDEMPOTENCY_KEY, RUN_ID};
use http::{HeaderMap, Method, Uri};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::body;
use super::super::refusal::{Code, Refusal};
use super::blocking;
use crate::app::App;
use crate::control::Writer;

/// Both are kept for ever, in the flag history and the audit log.
const LONGEST_NAME: usize = 256;

/// A write that has arrived whole.
pub(super) struct Write {
    pub(super) writer: Writer,
    pub(super) headers: HeaderMap,
    bytes: Bytes,
}

impl FromRequest<Arc<App>> for Write {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        for name in [IDEMPOTENCY_KEY, RUN_ID] {
            refuse_strange_name(&parts.headers, name)?;
        }
        let writer = writer(&parts.method, &parts.uri, &parts.headers);
        let bytes = body::read(&parts.headers, body).await?;
        Ok(Self { writer, headers: parts.headers, bytes })
    }
}

impl Write {
    /// The document in the body.
    pub(super) fn document<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        body::document(&self.bytes)
    }

    /// The document in the body, which may be absent.
    pub(super) fn document_if_any<T: DeserializeOwned>(&self) -> Result<Option<T>, Refusal> {
        if self.bytes.is_empty() { Ok(None) } else { self.document().map(Some) }
    }

    /// Does a write that makes no generation of the flags, unless it was done before under the same key. One at a time, so
    /// that the same write sent twice at once is done once.
    pub(super) async fn once<T: Serialize>(
        self,
        app: Arc<App>,
        work: impl FnOnce(&App) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<Value, Refusal> {
        blocking(move || {
            let _acting = app.control.acting();
            if let Some(answer) = app.control.seen(&self.writer)? {
                return Ok(answer);
            }
            app.control.refuse_other_runs(&self.writer)?;
            let answer = json!(work(&app)?);
            app.control.remember(&self.writer, || answer.clone())?;
            Ok(answer)
        })
        .await
    }
}

/// Who asks for this write.
pub(super) fn writer(method: &Method, uri: &Uri, headers: &HeaderMap) -> Writer {
    let text = |name| {
        let value = headers.get(name)?.to_str().ok()?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    Writer {
        run: text(RUN_ID),
        request: format!("{method} {}", uri.path()),
        idempotency_key: text(IDEMPOTENCY_KEY),
    }
}

/// A name that is not understood must not pass for none: the write would not be safe to repeat.
fn refuse_strange_name(headers: &HeaderMap, name: &str) -> Result<(), Refusal> {
    let is_fine = |value: &http::HeaderValue| value.len() <= LONGEST_NAME && value.to_str().is_ok();
    if headers.get(name).is_none_or(is_fine) {
        return Ok(());
    }
    let detail = format!("`{name}` is not accepted; accepted: up to {LONGEST_NAME} visible ASCII characters");
    Err(Code::InvalidParameter.refuse(detail))
}
