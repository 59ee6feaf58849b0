//! What every write has in common: who asks, and that the same write again changes nothing.

use std::sync::Arc;

use find_facts_api::admin::{IDEMPOTENCY_KEY, RUN_ID};
use http::{HeaderMap, Method, Uri};
use serde::Serialize;
use serde_json::{Value, json};

use super::super::refusal::Refusal;
use super::blocking;
use crate::app::App;
use crate::control::Writer;

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

/// Does a write that makes no generation of the flags, unless it was done before under the same key.
pub(super) async fn once<T: Serialize>(
    app: Arc<App>,
    writer: Writer,
    work: impl FnOnce(&App) -> Result<T, Refusal> + Send + 'static,
) -> Result<Value, Refusal> {
    blocking(move || {
        if let Some(answer) = app.control.seen(&writer)? {
            return Ok(answer);
        }
        app.control.refuse_other_runs(&writer)?;
        let answer = json!(work(&app)?);
        app.control.remember(&writer, || answer.clone())?;
        Ok(answer)
    })
    .await
}
