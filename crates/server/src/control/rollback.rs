//! Switching tiers off for their figures or by hand. The event is durable before the tiers are off; a server killed in
//! between finishes the rollback at its next start.

use std::collections::BTreeMap;

use find_facts_api::admin::{EventKind, FlagsWritten};
use find_facts_core::rollback::Severity;
use find_facts_core::{FlagSet, Generation, Tier};
use serde_json::{Value, json};

use super::{ChangeError, Changed, Control, Desired, Writer};
use crate::state::{NewGeneration, Outcome, StateError};

/// Events that can lie after an interrupted rollback's: it was the last thing the server did.
const RECENT: u64 = 16;

/// Why tiers are switched off, and which.
#[derive(Debug, Clone, PartialEq)]
pub struct RollbackCause {
    /// The rule's stable name; `operator` for a person.
    pub rule: String,
    /// Tiers to switch off.
    pub disable: Vec<Tier>,
    /// In a sentence.
    pub reason: String,
    /// How loudly to say it.
    pub severity: Severity,
    /// The figures that caused it.
    pub figures: Value,
}

impl Control {
    /// Switches tiers off, with an event; says whether any of them was on.
    pub fn roll_back(&self, cause: RollbackCause) -> Result<Changed, StateError> {
        let _writing = self.lock();
        let what = format!("{}: {}", cause.rule, cause.reason);
        let changed = self.roll_back_locked(cause, "rollback", None)?;
        if let Changed::New(generation) = changed {
            self.note("rollback".to_owned(), what, None, format!("generation {generation}"));
        }
        Ok(changed)
    }

    /// The same, asked for by a person or a run. The lease keeps nobody from it.
    pub fn roll_back_for(&self, cause: RollbackCause, writer: &Writer) -> Result<Changed, ChangeError> {
        let _writing = self.lock();
        if let Some(answer) = self.seen(writer)? {
            return Ok(Changed::Seen(answer));
        }
        let changed = self.roll_back_locked(cause, &writer.by(), Some(writer))?;
        if let Changed::Same(generation) = changed {
            self.remember(writer, || json!(FlagsWritten { generation, changed: false }))?;
        }
        Ok(changed)
    }

    fn roll_back_locked(
        &self,
        cause: RollbackCause,
        by: &str,
        writer: Option<&Writer>,
    ) -> Result<Changed, StateError> {
        let record = self.live.load().record.clone();
        let mut flags = record.flags.clone();
        let disabled = switch_off(&mut flags, &cause.disable);
        if disabled.is_empty() {
            return Ok(Changed::Same(record.generation));
        }
        let generation = record.generation.next();
        // It has been told already where the generation could not be stored at the last attempt.
        if self.told(generation)?.is_none_or(|(told, _)| told != disabled) {
            self.tell(EventKind::RolledBack {
                generation,
                rule: cause.rule,
                disabled,
                reason: cause.reason.clone(),
                severity: cause.severity,
                figures: cause.figures,
            })?;
        }
        let desired = Desired { flags, tiers: record.tiers.clone() };
        self.store_rollback(desired, by, cause.reason, writer).map(Changed::New)
    }

    /// Called once, at the start.
    pub(super) fn finish_interrupted_rollback(&self) -> Result<(), StateError> {
        let record = self.live.load().record.clone();
        if let Some((disabled, reason)) = self.told(record.generation.next())? {
            let mut flags = record.flags.clone();
            switch_off(&mut flags, &disabled);
            let desired = Desired { flags, tiers: record.tiers.clone() };
            self.store_rollback(desired, "rollback", reason, None)?;
        }
        Ok(())
    }

    /// What a rollback that was to make this generation switches off, and why, if its event is stored.
    fn told(&self, generation: Generation) -> Result<Option<(Vec<Tier>, String)>, StateError> {
        let newest = *self.state.events.newest().borrow();
        let events = self.state.events.after(newest.saturating_sub(RECENT), RECENT as usize)?;
        Ok(events.into_iter().rev().find_map(|event| match event.kind {
            EventKind::RolledBack { generation: made, disabled, reason, .. } if made == generation => {
                Some((disabled, reason))
            }
            _ => None,
        }))
    }

    fn store_rollback(
        &self,
        desired: Desired,
        by: &str,
        reason: String,
        writer: Option<&Writer>,
    ) -> Result<Generation, StateError> {
        let new = NewGeneration {
            flags: desired.flags,
            tiers: desired.tiers,
            by: by.to_owned(),
            reason,
            idempotency_key: writer.and_then(|writer| writer.idempotency_key.clone()),
        };
        let request = writer.map_or_else(String::new, |writer| writer.request.clone());
        let outcome = |generation| Outcome::of_flags(request, generation);
        let record = self.state.generations.append(self.clock.wall(), new, outcome)?;
        Ok(self.put_in_force(record))
    }
}

/// Switches tiers off in a set of flags; returns those that were on.
fn switch_off(flags: &mut FlagSet, tiers: &[Tier]) -> Vec<Tier> {
    let keys: BTreeMap<_, _> = tiers.iter().map(|&tier| (tier.flag(), tier)).collect();
    let mut switched = Vec::new();
    for (key, state) in &mut flags.0 {
        if let Some(&tier) = keys.get(key).filter(|_| state.enabled) {
            state.enabled = false;
            switched.push(tier);
        }
    }
    switched
}
