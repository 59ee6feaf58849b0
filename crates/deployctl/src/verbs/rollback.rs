//! `rollback`: switches tiers off, now; with or without a run, and whoever holds the lease.

use find_facts_api::admin::{FlagDocument, FlagsWritten, RollbackRequest};
use find_facts_core::Tier;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;

/// What a rollback did, or would do.
#[derive(Debug, Serialize)]
struct RolledBack {
    /// Flags that were on and go off.
    off: Vec<String>,
    /// The write, unless this was a dry run.
    written: Option<FlagsWritten>,
}

/// Switches a tier and those above it off, or all of them.
pub fn rollback(context: &Context, tier: Option<Tier>, reason: String) -> Result<(), Failure> {
    let client = context.client()?;
    let before: FlagDocument = super::flags::get(&client)?;
    let off = tier.unwrap_or(Tier::Tier1).and_above().iter().map(|tier| tier.flag());
    let off = off.filter(|key| before.flags.get(*key).is_some_and(|state| state.enabled));
    let off = off.map(|key| key.to_string()).collect();
    let written = if context.dry_run {
        None
    } else {
        let key = uuid::Uuid::now_v7().to_string();
        Some(client.post("/admin/v1/rollback", &RollbackRequest { tier, reason }, &key)?)
    };
    context.output.show(&RolledBack { off, written }, text);
    Ok(())
}

fn text(done: &RolledBack) -> String {
    let off = if done.off.is_empty() { "nothing that was on".to_owned() } else { done.off.join(", ") };
    match &done.written {
        None => format!("would switch off: {off}"),
        Some(written) => format!("switched off: {off}; generation {}", written.generation),
    }
}
