//! `/admin/v1/flags`, its history, and `/admin/v1/rollback`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use find_facts_api::admin::{FlagHistory, FlagsWritten, RollbackRequest};
use find_facts_core::rollback::Severity;
use find_facts_core::{Generation, Tier};
use find_facts_flags::read_flags;
use http::header::{ETAG, IF_MATCH};
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json as value};

use super::super::body;
use super::super::refusal::{Code, Refusal};
use super::write::Write;
use super::{blocking, json};
use crate::app::App;
use crate::control::{Change, Changed, RollbackCause, Writer};

/// `GET /admin/v1/flags`.
pub(super) async fn current(State(app): State<Arc<App>>) -> Response {
    let document = app.control.live().document();
    with_etag(json(&document), document.generation)
}

/// `GET /admin/v1/flags/history`.
pub(super) async fn history(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    blocking(move || Ok(json(&FlagHistory { generations: app.control.state.generations.history()? }))).await
}

/// The body before its flags have been looked at, so that each of their faults gets its path.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    flags: Value,
    /// As `GET` has it; says once more what `If-Match` says.
    #[serde(default)]
    generation: Option<Generation>,
}

/// `PUT /admin/v1/flags`.
pub(super) async fn replace(State(app): State<Arc<App>>, write: Write) -> Result<Response, Refusal> {
    let expect = if_match(&write.headers)?;
    let Unchecked { flags, generation } = write.document()?;
    let expect = agreed(expect, generation)?;
    let flags = read_flags(&flags, "flags")
        .map_err(|faults| body::faults(&faults.iter().map(ToString::to_string).collect::<Vec<_>>()))?;
    blocking(move || {
        change(&app, &write.writer, expect, |desired| desired.flags = flags)
            .map(|written| with_etag(json(&written), written.generation))
    })
    .await
}

/// Changes flags and tiers, and answers in the form of every such write.
pub(super) fn change(
    app: &App,
    writer: &Writer,
    expect: Option<Generation>,
    edit: impl FnOnce(&mut crate::control::Desired),
) -> Result<FlagsWritten, Refusal> {
    let answer_again = |generation| value!(FlagsWritten { generation, changed: false });
    let change = Change { writer, expect, answer_again: &answer_again };
    written(app.control.change(&change, edit)?)
}

/// `POST /admin/v1/rollback`.
pub(super) async fn roll_back(State(app): State<Arc<App>>, write: Write) -> Result<Response, Refusal> {
    let request: RollbackRequest = write.document_if_any()?.unwrap_or_default();
    let reason = if request.reason.is_empty() { "asked for by hand".to_owned() } else { request.reason };
    let cause = RollbackCause {
        rule: "operator".to_owned(),
        disable: request.tier.map_or(&Tier::ALL[..], Tier::and_above).to_vec(),
        reason,
        severity: Severity::Warning,
        figures: value!({}),
    };
    blocking(move || Ok(json(&written(app.control.roll_back_for(cause, &write.writer)?)?))).await
}

fn written(changed: Changed) -> Result<FlagsWritten, Refusal> {
    match changed {
        Changed::New(generation) => Ok(FlagsWritten { generation, changed: true }),
        Changed::Same(generation) => Ok(FlagsWritten { generation, changed: false }),
        Changed::Seen(answer) => {
            serde_json::from_value(answer).map_err(|error| super::super::refusal::internal(&error))
        }
    }
}

/// The generation that a write was made for, said by `If-Match`, by the document, or by both alike.
fn agreed(expected: Option<Generation>, named: Option<Generation>) -> Result<Option<Generation>, Refusal> {
    match (expected, named) {
        (Some(expected), Some(named)) if expected != named => Err(body::fault(
            "generation",
            &format!("it is {named}, but `If-Match` says {expected}; accepted is one and the same"),
        )),
        (expected, named) => Ok(expected.or(named)),
    }
}

/// The generation of `If-Match`; `*` is any.
fn if_match(headers: &HeaderMap) -> Result<Option<Generation>, Refusal> {
    let Some(value) = headers.get(IF_MATCH) else {
        let detail = "send `If-Match` with the generation that the change was made for, or `*`";
        return Err(Code::PreconditionRequired.refuse(detail));
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    match text.trim_matches('"').parse() {
        Ok(number) => Ok(Some(Generation(number))),
        Err(_) => Err(Code::InvalidParameter
            .refuse(format!("`If-Match` is `{text}`; accepted: a generation such as \"7\", or *"))),
    }
}

fn with_etag(mut response: Response, generation: Generation) -> Response {
    if let Ok(value) = HeaderValue::from_str(&format!("\"{generation}\"")) {
        response.headers_mut().insert(ETAG, value);
    }
    response
}
