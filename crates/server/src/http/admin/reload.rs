//! `POST /admin/v1/reload`: with a body it changes flags and tiers, without one it reads the configuration again.
//! Everything is checked before anything is changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use find_facts_api::admin::{FlagsWritten, TierParams};
use find_facts_core::{FlagSet, Generation, Tier};
use find_facts_flags::read_flags;
use serde::Deserialize;
use serde_json::Value;

use super::super::body;
use super::super::refusal::{Code, Refusal};
use super::write::Write;
use super::{blocking, flags, json, tiers};
use crate::app::App;
use crate::reload::{Refused, reload_configuration};

/// The body before its flags have been looked at, so that each of their faults gets its path.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    expect_generation: Generation,
    #[serde(default)]
    flags: Option<Value>,
    #[serde(default)]
    tiers: Option<BTreeMap<Tier, Option<TierParams>>>,
}

/// Flags to replace, and tiers to initialise or remove.
struct Checked {
    expect: Generation,
    flags: FlagSet,
    tiers: BTreeMap<Tier, Option<TierParams>>,
}

pub(super) async fn reload(State(app): State<Arc<App>>, write: Write) -> Result<Response, Refusal> {
    let Some(unchecked) = write.document_if_any()? else {
        let done = write.once(app, |app| match reload_configuration(app) {
            Ok(written) => Ok(written),
            Err(Refused(faults)) => {
                Err(Code::InvalidConfiguration.problem(faults.join("; ")).with("faults", faults).into())
            }
        });
        return done.await.map(|written| json(&written));
    };
    blocking(move || {
        let checked = check(&app, unchecked)?;
        let written: FlagsWritten = flags::change(&app, &write.writer, Some(checked.expect), |desired| {
            desired.flags.0.extend(checked.flags.0);
            for (tier, params) in checked.tiers {
                match params {
                    Some(params) => desired.tiers.insert(tier, params),
                    None => desired.tiers.remove(&tier),
                };
            }
        })?;
        Ok(json(&written))
    })
    .await
}

fn check(app: &App, unchecked: Unchecked) -> Result<Checked, Refusal> {
    let mut faults = Vec::new();
    let flags = unchecked.flags.map_or_else(|| Ok(FlagSet::default()), |flags| read_flags(&flags, "flags"));
    let flags = flags.unwrap_or_else(|found| {
        faults.extend(found.iter().map(ToString::to_string));
        FlagSet::default()
    });
    let wanted = unchecked.tiers.unwrap_or_default();
    for (tier, params) in wanted.iter().filter_map(|(tier, params)| Some((*tier, params.as_ref()?))) {
        faults.extend(tiers::faults(app, tier, params, &format!("tiers.{tier}")));
    }
    if !faults.is_empty() {
        return Err(body::faults(&faults));
    }
    Ok(Checked { expect: unchecked.expect_generation, flags, tiers: wanted })
}
