//! `/admin/v1/tiers/{tier}`: bring a tier up, or take it down. Its parameters become part of the flags' generation, so that
//! a restarted server has them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use find_facts_api::admin::{TierParams, TierWritten};
use find_facts_core::health::TierState;
use find_facts_core::{Generation, Tier};
use serde_json::{Value, json as value};

use super::super::body;
use super::super::refusal::{Code, Refusal};
use super::write::Write;
use super::{Segment, accepted, blocking, json, segment};
use crate::app::App;
use crate::control::{Change, Changed, Desired, Writer};

/// More candidates than this only cost time: the right one is among the first few or not at all.
const MOST_CANDIDATES: usize = 1000;
/// At a kilobyte an answer this is ten gigabytes.
const MOST_CACHED: usize = 10_000_000;

/// `POST`.
pub(super) async fn initialise(
    State(app): State<Arc<App>>,
    name: Segment,
    write: Write,
) -> Result<Response, Refusal> {
    let tier = tier(&segment(name)?)?;
    let params: TierParams = write.document_if_any()?.unwrap_or_default();
    if !app.tiers.has(tier) {
        return Err(Code::TierUnavailable.refuse(format!("this server has no `{tier}`")));
    }
    let faults = faults(&app, tier, &params, ".");
    if !faults.is_empty() {
        return Err(body::faults(&faults));
    }
    blocking(move || {
        let answer = change(&app, &write.writer, tier, TierState::Loading, |desired| {
            desired.tiers.insert(tier, params);
        })?;
        Ok(accepted(&answer))
    })
    .await
}

/// `DELETE`.
pub(super) async fn remove(
    State(app): State<Arc<App>>,
    name: Segment,
    write: Write,
) -> Result<Response, Refusal> {
    let tier = tier(&segment(name)?)?;
    blocking(move || {
        let answer = change(&app, &write.writer, tier, TierState::Off, |desired| {
            desired.tiers.remove(&tier);
        })?;
        Ok(json(&answer))
    })
    .await
}

/// What is wrong with a tier's parameters, each with its path below `at`.
pub(super) fn faults(app: &App, tier: Tier, params: &TierParams, at: &str) -> Vec<String> {
    let path = |name: &str| if at == "." { name.to_owned() } else { format!("{at}.{name}") };
    let mut faults = Vec::new();
    if !app.tiers.has(tier) {
        faults.push(format!("{at}: this server has no `{tier}`"));
    }
    for (name, share) in [("min_confidence", params.min_confidence), ("similarity", params.similarity)] {
        if let Some(share) = share.filter(|share| !(0.0..=1.0).contains(share)) {
            faults.push(format!("{}: `{share}` is not accepted; accepted: 0 to 1", path(name)));
        }
    }
    for (name, count, least, most) in [
        ("candidates", params.candidates, 1, MOST_CANDIDATES),
        ("cache_size", params.cache_size, 0, MOST_CACHED),
    ] {
        if let Some(count) = count.filter(|count| !(least..=most).contains(count)) {
            faults.push(format!("{}: `{count}` is not accepted; accepted: {least} to {most}", path(name)));
        }
    }
    if let Some(model) = params.model.as_deref().filter(|model| !app.models.knows(model)) {
        faults.push(format!("{}: `{model}` is no model of the catalogue", path("model")));
    }
    faults
}

fn tier(name: &str) -> Result<Tier, Refusal> {
    name.parse().map_err(|error: find_facts_core::tier::UnknownName| Code::NotFound.refuse(error.to_string()))
}

fn change(
    app: &App,
    writer: &Writer,
    tier: Tier,
    state: TierState,
    edit: impl FnOnce(&mut Desired),
) -> Result<Value, Refusal> {
    let answer = |generation: Generation| value!(TierWritten { generation, state });
    let change = Change { writer, expect: None, answer_again: &answer };
    let answer = match app.control.change(&change, edit)? {
        Changed::New(generation) => return Ok(answer(generation)),
        Changed::Same(generation) => value!(TierWritten { generation, state: app.tiers.state(tier) }),
        Changed::Seen(seen) => seen,
    };
    // New parameters are a build in any case; the same ones again ask for what was not to be had before.
    app.tiers.retry(tier);
    Ok(answer)
}
