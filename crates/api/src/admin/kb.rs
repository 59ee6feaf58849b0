//! The knowledge base: operator's queries, changes, samples, its format on disk.

use std::sync::Arc;

use find_facts_core::{Fact, KbVersion, Part, Without};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

/// `POST /admin/v1/find_facts`: as the public one, but the named mode runs whatever the flags say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OperatorExtras {
    /// Names to act as if the knowledge base did not know them.
    #[serde(default, skip_serializing_if = "Without::is_empty")]
    pub without: Without,
}

/// `POST /admin/v1/facts`: applied as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactsWrite {
    /// Facts to add; one that is there counts once.
    #[serde(default, deserialize_with = "nothing_but_facts")]
    pub add: Vec<Fact>,
    /// Facts to remove, with all their validities; one that is not there is no error.
    #[serde(default, deserialize_with = "nothing_but_facts")]
    pub remove: Vec<Fact>,
}

/// A fact in a write. Another key, such as the start of a validity, is refused: it would be lost without a word.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFact {
    subject: Arc<str>,
    predicate: Arc<str>,
    object: Arc<str>,
    /// Facts in answers have one, and may be sent back as they came.
    #[serde(default, rename = "confidence")]
    _confidence: IgnoredAny,
}

fn nothing_but_facts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Fact>, D::Error> {
    let written = Vec::<WrittenFact>::deserialize(from)?;
    Ok(written.into_iter().map(|fact| Fact::new(fact.subject, fact.predicate, fact.object)).collect())
}

/// The outcome of a write of facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsWritten {
    /// The version that has the change.
    pub version: KbVersion,
    /// How many were not there before.
    pub added: usize,
    /// How many were there before.
    pub removed: usize,
}

/// The store's format on disk, and the one this server writes. Also the answer to `POST /admin/v1/store/migrate`,
/// which brings the first up to the second; where they are equal it changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreSchema {
    /// The format of what is on disk.
    pub version: u32,
    /// The format that this server writes.
    pub latest: u32,
}

/// `GET /admin/v1/kb/sample?seed=N&n=N`: entities drawn by the seed, each with a query that it answers, for suites made
/// from the knowledge base. The same seed and version give the same sample; fewer than `n` means there are no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KbSample {
    /// The version that was drawn from.
    pub version: KbVersion,
    /// The entities, all different.
    pub entities: Vec<SampledEntity>,
}

/// An entity, and a query of one part and a predicate that finds facts about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampledEntity {
    /// The name in the facts.
    pub name: Arc<str>,
    /// Other names that the knowledge base knows for it and for no other entity.
    pub aliases: Vec<Arc<str>>,
    /// Where the name stands in `facts`: subject or object.
    pub part: Part,
    /// Every fact that has the name in this part and one and the same predicate; 1 to 100 of them.
    pub facts: Vec<Fact>,
    /// Other wordings that the knowledge base knows for that predicate and for no other one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wordings: Vec<Arc<str>>,
}
