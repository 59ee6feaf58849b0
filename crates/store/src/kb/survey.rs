//! What a knowledge base holds, and what somebody should look at.

use std::path::Path;

use crate::content::Content;
use crate::folder::{Folder, FolderError};
use crate::import::{BadLine, BadLines};
use crate::progress::OnProgress;
use crate::record::RECORD_FORMAT;

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Different triples.
    pub facts: usize,
    /// Intervals in which facts hold.
    pub validities: usize,
    /// Names that stand as subject or object, or have an alias.
    pub entities: usize,
    /// Relations.
    pub predicates: usize,
    /// Other names of entities.
    pub entity_aliases: usize,
    /// Other wordings of predicates.
    pub predicate_aliases: usize,
}

impl Totals {
    pub(super) fn of(content: &Content) -> Self {
        Self {
            facts: content.facts.len(),
            validities: content.validities.len(),
            entities: content.entities.len() as usize,
            predicates: content.predicates.len() as usize,
            entity_aliases: content.entity_aliases.pairs.len(),
            predicate_aliases: content.predicate_aliases.pairs.len(),
        }
    }
}

/// What a knowledge base holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// How much there is.
    pub totals: Totals,
    /// Every predicate and how many facts have it, most first, ties by name.
    pub predicates: Vec<(String, usize)>,
}

/// Counts a knowledge base.
pub fn stats(kb: &Path, progress: OnProgress<'_>) -> Result<Stats, FolderError> {
    let content = Folder::find(kb)?.read(BadLines::Stop, progress)?.content;
    let mut facts = vec![0; content.predicates.len() as usize];
    for [_, predicate, _] in &content.facts {
        facts[*predicate as usize] += 1;
    }
    let mut predicates: Vec<(String, usize)> =
        (0..).zip(facts).map(|(number, facts)| (content.predicates.get(number).to_owned(), facts)).collect();
    predicates.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(Stats { totals: Totals::of(&content), predicates })
}

/// What a check came to.
#[derive(Debug)]
pub struct CheckReport {
    /// How much there is, bad lines left out.
    pub totals: Totals,
    /// What somebody should look at.
    pub findings: Vec<Finding>,
}

/// Something that is wrong, or that works but is perhaps not meant.
#[derive(Debug)]
pub enum Finding {
    /// Lines that cannot be understood; a server refuses to start with them.
    BadLines {
        /// How many there are.
        lines: u64,
        /// The first of them, at most a thousand.
        listed: Vec<BadLine>,
    },
    /// An older program wrote the facts of record; an import brings them up to date.
    OldFormat {
        /// The format they have.
        found: u64,
    },
    /// Aliases of names that no fact has.
    EntityAliasesWithoutFacts {
        /// How many such names there are.
        names: usize,
        /// The first of them.
        first: String,
    },
    /// Wordings of predicates that no fact has.
    PredicateAliasesWithoutFacts {
        /// How many such predicates there are.
        names: usize,
        /// The first of them.
        first: String,
    },
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Finding::BadLines { lines, listed } => {
                write!(f, "bad lines: {lines}")?;
                listed.iter().try_for_each(|line| write!(f, "\n  {line}"))
            }
            Finding::OldFormat { found } => {
                write!(f, "format {found}; an import without files brings it up to {RECORD_FORMAT}")
            }
            Finding::EntityAliasesWithoutFacts { names, first } => {
                write!(f, "aliases of names without facts: {names}, the first is `{first}`")
            }
            Finding::PredicateAliasesWithoutFacts { names, first } => {
                write!(f, "aliases of predicates without facts: {names}, the first is `{first}`")
            }
        }
    }
}

/// Reads everything and says what is wrong.
pub fn check(kb: &Path, progress: OnProgress<'_>) -> Result<CheckReport, FolderError> {
    let read = Folder::find(kb)?.read(BadLines::Skip, progress)?;
    let mut findings = Vec::new();
    if read.report.bad > 0 {
        findings.push(Finding::BadLines { lines: read.report.bad, listed: read.report.bad_lines });
    }
    if read.format < RECORD_FORMAT {
        findings.push(Finding::OldFormat { found: read.format });
    }
    let content = &read.content;
    let mut entities = vec![false; content.entities.len() as usize];
    let mut predicates = vec![false; content.predicates.len() as usize];
    for [subject, predicate, object] in &content.facts {
        entities[*subject as usize] = true;
        entities[*object as usize] = true;
        predicates[*predicate as usize] = true;
    }
    if let Some((names, first)) = unused(&entities) {
        let first = content.entities.get(first).to_owned();
        findings.push(Finding::EntityAliasesWithoutFacts { names, first });
    }
    if let Some((names, first)) = unused(&predicates) {
        let first = content.predicates.get(first).to_owned();
        findings.push(Finding::PredicateAliasesWithoutFacts { names, first });
    }
    Ok(CheckReport { totals: Totals::of(content), findings })
}

/// How many are not used, and the first of them.
fn unused(used: &[bool]) -> Option<(usize, u32)> {
    let first = used.iter().position(|used| !used)?;
    Some((used.iter().filter(|used| !**used).count(), first as u32))
}
