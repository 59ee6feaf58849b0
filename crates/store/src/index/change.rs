//! From one version of the index to the next, and which entities a version changed.
//! A fact in both lists is removed first and then added, at the end.

use std::sync::Arc;

use find_facts_core::{EntityId, KbVersion};
use rustc_hash::FxHashSet;

use super::Index;
use crate::changes::Changes;
use crate::content::Triple;
use crate::strings::TooLarge;

/// Three names, as `text::name` returns them.
pub(crate) type Names = [Box<str>; 3];

/// The next version and what it changes.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) index: Index,
    /// Facts that were there before, and facts that were not.
    pub(crate) effective: Changes,
}

impl Index {
    /// The version after this one. It is this one when nothing changes.
    pub(crate) fn changed(&self, changes: &Changes) -> Result<Change, TooLarge> {
        let mut change = Change { index: self.clone(), effective: Changes::default() };
        let mut touched = FxHashSet::default();
        for fact in &changes.removed {
            if let Some((number, triple)) = change.index.find_names(fact) {
                change.index.delta.remove(number, triple);
                touched.extend([triple[0], triple[2]]);
                change.effective.removed.push(fact.clone());
            }
        }
        let mut triples: Vec<Triple> = Vec::new();
        let mut seen = FxHashSet::default();
        for fact in &changes.added {
            if change.index.find_names(fact).is_none() {
                let triple = change.index.intern(fact)?;
                if seen.insert(triple) {
                    triples.push(triple);
                    touched.extend([triple[0], triple[2]]);
                    change.effective.added.push(fact.clone());
                }
            }
        }
        change.index.delta.add(&triples)?;
        if !touched.is_empty() {
            change.index.version = KbVersion(self.version.0 + 1);
            change.index.history.push(change.index.version, touched);
        }
        Ok(change)
    }

    fn find_names(&self, [subject, predicate, object]: &Names) -> Option<(u32, Triple)> {
        let triple =
            [self.entity_number(subject)?, self.predicate_number(predicate)?, self.entity_number(object)?];
        self.matching(triple.map(Some)).next().map(|number| (number, triple))
    }

    fn intern(&mut self, [subject, predicate, object]: &Names) -> Result<Triple, TooLarge> {
        Ok([self.intern_entity(subject)?, self.intern_predicate(predicate)?, self.intern_entity(object)?])
    }

    fn intern_entity(&mut self, name: &str) -> Result<u32, TooLarge> {
        self.image.entities().find(name).map_or_else(|| self.delta.entities.intern(name), Ok)
    }

    fn intern_predicate(&mut self, name: &str) -> Result<u32, TooLarge> {
        self.image.predicates().find(name).map_or_else(|| self.delta.predicates.intern(name), Ok)
    }
}

/// How many changes are remembered. A reader further behind looks at everything anew.
const REMEMBERED: usize = 1024;

/// Which entities each of the last versions changed.
#[derive(Debug, Clone)]
pub(crate) struct History {
    /// The oldest version from which the changes are known.
    known_since: KbVersion,
    latest: KbVersion,
    changes: Vec<(KbVersion, Arc<[EntityId]>)>,
}

impl History {
    pub(crate) fn since(version: KbVersion) -> Self {
        Self { known_since: version, latest: version, changes: Vec::new() }
    }

    fn push(&mut self, version: KbVersion, entities: FxHashSet<u32>) {
        if self.changes.len() == REMEMBERED {
            let (forgotten, _) = self.changes.remove(0);
            self.known_since = forgotten;
        }
        self.latest = version;
        self.changes.push((version, entities.into_iter().map(EntityId).collect()));
    }

    pub(crate) fn changed_since(&self, since: KbVersion) -> Option<Vec<EntityId>> {
        if since < self.known_since || since > self.latest {
            return None;
        }
        let later = self.changes.iter().filter(|(version, _)| *version > since);
        let mut entities: Vec<EntityId> = later.flat_map(|(_, entities)| entities.iter().copied()).collect();
        entities.sort_unstable();
        entities.dedup();
        Some(entities)
    }
}
