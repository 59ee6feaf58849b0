//! Every generation of the flags, immutable and numbered; and what writes with an idempotency key came to.
//! A generation and the outcome of the write that made it become durable together.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use find_facts_api::admin::{FlagsWritten, GenerationRecord, TierParams};
use find_facts_core::{FlagSet, Generation, Tier};
use redb::{TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::file::encode;
use super::numbered::NumberedLog;
use super::{StateError, unix_ms};

const OUTCOMES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("outcomes");

/// The flag history is never cut: a generation is a kilobyte, and a rollout makes a dozen.
const KEEP: u64 = u64::MAX;

/// What a write with an idempotency key came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Method and path of the write, such as `PUT /admin/v1/flags`.
    pub request: String,
    /// What to answer when it comes again.
    pub answer: Value,
}

impl Outcome {
    /// Of a write of flags: the generation it made, and that nothing changes now.
    pub fn of_flags(request: String, generation: Generation) -> Self {
        Self { request, answer: json!(FlagsWritten { generation, changed: false }) }
    }
}

/// A generation that is to be stored.
#[derive(Debug, Clone)]
pub struct NewGeneration {
    /// Every flag's rule.
    pub flags: FlagSet,
    /// Parameters of the tiers initialised in it.
    pub tiers: BTreeMap<Tier, TierParams>,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The write's idempotency key.
    pub idempotency_key: Option<String>,
}

/// The flag history.
pub struct Generations(NumberedLog<GenerationRecord>);

impl Generations {
    pub(super) fn open(path: PathBuf) -> Result<Self, StateError> {
        let log: NumberedLog<GenerationRecord> = NumberedLog::open(path, KEEP)?;
        log.file.write(|transaction| Ok(transaction.open_table(OUTCOMES).map(|_| ())?))?;
        Ok(Self(log))
    }

    /// The generation in force; none before the first start.
    pub fn latest(&self) -> Result<Option<GenerationRecord>, StateError> {
        self.0.last()
    }

    /// Every generation, oldest first.
    pub fn history(&self) -> Result<Vec<GenerationRecord>, StateError> {
        self.0.after(0, usize::MAX)
    }

    /// Stores the next generation, and with it what its write answers when it comes again.
    pub fn append(
        &self,
        now: SystemTime,
        new: NewGeneration,
        outcome: impl FnOnce(Generation) -> Outcome,
    ) -> Result<GenerationRecord, StateError> {
        let record = |number| GenerationRecord {
            generation: Generation(number),
            flags: new.flags,
            tiers: new.tiers,
            by: new.by,
            reason: new.reason,
            time_ms: unix_ms(now),
            idempotency_key: new.idempotency_key,
        };
        self.0.append_with(record, |transaction, record| match &record.idempotency_key {
            Some(key) => insert_outcome(transaction, key, &outcome(record.generation)),
            None => Ok(()),
        })
    }

    /// Remembers the outcome of a write that made no generation.
    pub fn remember(&self, key: &str, outcome: &Outcome) -> Result<(), StateError> {
        self.0.file.write(|transaction| insert_outcome(transaction, key, outcome))
    }

    /// What a write with this key came to, if there was one.
    pub fn outcome(&self, key: &str) -> Result<Option<Outcome>, StateError> {
        let bytes = self.0.file.read(|transaction| {
            let table = transaction.open_table(OUTCOMES)?;
            Ok(table.get(key)?.map(|bytes| bytes.value().to_vec()))
        })?;
        // An outcome that a newer server wrote in another form counts as none: the write itself says what it expects.
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }
}

fn insert_outcome(transaction: &WriteTransaction, key: &str, outcome: &Outcome) -> Result<(), redb::Error> {
    transaction.open_table(OUTCOMES)?.insert(key, encode(outcome)?.as_slice())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(key: Option<&str>) -> NewGeneration {
        NewGeneration {
            flags: FlagSet::all_off(),
            tiers: BTreeMap::new(),
            by: "operator".to_owned(),
            reason: "a test".to_owned(),
            idempotency_key: key.map(str::to_owned),
        }
    }

    fn outcome(generation: Generation) -> Outcome {
        Outcome { request: "PUT /admin/v1/flags".to_owned(), answer: json!({"generation": generation}) }
    }

    #[test]
    fn history_and_outcomes_outlive_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Generations::open(folder.path().join("flags.redb")).unwrap();
        assert_eq!(open().latest().unwrap(), None);
        open().append(SystemTime::UNIX_EPOCH, new(None), outcome).unwrap();
        open().append(SystemTime::UNIX_EPOCH, new(Some("k")), outcome).unwrap();
        let log = open();
        assert_eq!(log.latest().unwrap().unwrap().generation, Generation(2));
        assert_eq!(log.history().unwrap().len(), 2);
        assert_eq!(log.outcome("k").unwrap(), Some(outcome(Generation(2))));
        assert_eq!(log.outcome("other").unwrap(), None);
    }
}
