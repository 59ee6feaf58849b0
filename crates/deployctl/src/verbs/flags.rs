//! `flags get` and `flags set`: one flag at a time, for the generation that was looked at.

use find_facts_api::admin::{FlagDocument, FlagsWritten, ReloadRequest};
use find_facts_core::caller::Segment;
use find_facts_core::flags::{FlagKey, FlagSet, FlagState, Percent};
use serde::Serialize;

use crate::client::{AdminClient, CallError};
use crate::render;

const PATH: &str = "/admin/v1/flags";

/// What to change in a flag; `None` stays as it is.
#[derive(Debug, Clone)]
pub struct FlagChange {
    /// Which.
    pub flag: FlagKey,
    /// Whether anybody gets it.
    pub enabled: Option<bool>,
    /// The share of callers.
    pub percentage: Option<Percent>,
    /// Segments that are in whatever the percentage.
    pub segments: Option<Vec<String>>,
}

/// What a change did, or would do.
#[derive(Debug, Serialize)]
pub struct FlagChanged {
    /// Which flag.
    pub flag: FlagKey,
    /// Its rule before.
    pub before: FlagState,
    /// Its rule after.
    pub after: FlagState,
    /// The write, unless this was a dry run.
    pub written: Option<FlagsWritten>,
}

/// The flags in force.
pub fn get(client: &AdminClient) -> Result<FlagDocument, CallError> {
    client.get(PATH)
}

/// Changes one flag, if nobody else was first.
pub fn set(client: &AdminClient, change: FlagChange, dry_run: bool) -> Result<FlagChanged, CallError> {
    let document = get(client)?;
    let before = document.flags.get(change.flag).cloned().unwrap_or_default();
    let after = changed(&before, &change);
    let written = if dry_run {
        None
    } else {
        let request = ReloadRequest {
            expect_generation: document.generation,
            flags: Some(FlagSet([(change.flag, after.clone())].into())),
            tiers: None,
        };
        Some(client.post("/admin/v1/reload", &request, &uuid::Uuid::now_v7().to_string())?)
    };
    Ok(FlagChanged { flag: change.flag, before, after, written })
}

fn changed(before: &FlagState, change: &FlagChange) -> FlagState {
    FlagState {
        enabled: change.enabled.unwrap_or(before.enabled),
        percentage: change.percentage.unwrap_or(before.percentage),
        segments: match &change.segments {
            Some(names) => names
                .iter()
                .filter(|name| !name.is_empty())
                .map(|name| Segment(name.as_str().into()))
                .collect(),
            None => before.segments.clone(),
        },
    }
}

/// The flags as a table.
pub fn text(document: &FlagDocument) -> String {
    let mut table = render::table(["flag", "enabled", "percentage", "segments"]);
    for (key, state) in &document.flags.0 {
        table.add_row([
            key.to_string(),
            state.enabled.to_string(),
            format!("{} %", state.percentage),
            segments(state),
        ]);
    }
    let masks: String = document.masks.iter().map(|mask| format!("\nmasked: {mask}")).collect();
    format!("generation {}\n{table}{masks}", document.generation)
}

/// A change in one line.
pub fn change_text(changed: &FlagChanged) -> String {
    let line = format!("{}: {} -> {}", changed.flag, state(&changed.before), state(&changed.after));
    match &changed.written {
        None => format!("would change {line}"),
        Some(written) if written.changed => format!("{line}, generation {}", written.generation),
        Some(written) => format!("{line}: nothing to change in generation {}", written.generation),
    }
}

fn state(state: &FlagState) -> String {
    let on = if state.enabled { "on" } else { "off" };
    format!("{on} {} % [{}]", state.percentage, segments(state))
}

fn segments(state: &FlagState) -> String {
    state.segments.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
