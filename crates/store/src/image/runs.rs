//! Which facts match: every combination of parts is one stretch of one sorted array, already in import order.

use super::Image;
use super::layout::Section;
use crate::content::Triple;

/// Numbers of facts in import order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run<'a> {
    /// All facts of the image.
    All(u32),
    /// These.
    Some(&'a [u32]),
}

impl<'a> Run<'a> {
    pub(crate) fn len(self) -> usize {
        match self {
            Run::All(facts) => facts as usize,
            Run::Some(numbers) => numbers.len(),
        }
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = u32> + 'a {
        let (all, some) = match self {
            Run::All(facts) => (0..facts, &[][..]),
            Run::Some(numbers) => (0..0, numbers),
        };
        all.chain(some.iter().copied())
    }
}

impl Image {
    /// The facts with these parts; `None` is an open part.
    pub(crate) fn run(&self, [subject, predicate, object]: [Option<u32>; 3]) -> Run<'_> {
        Run::Some(match (subject, predicate, object) {
            (None, None, None) => return Run::All(self.facts()),
            (Some(s), None, None) => self.group(Section::SubjectStarts, Section::BySubject, s),
            (None, Some(p), None) => self.group(Section::PredicateStarts, Section::ByPredicate, p),
            (None, None, Some(o)) => self.group(Section::ObjectStarts, Section::ByObject, o),
            (Some(s), Some(p), None) => self.subject_predicate(s, p),
            (None, Some(p), Some(o)) => {
                self.narrow(self.group(Section::ObjectStarts, Section::ByObjectPredicate, o), 1, p)
            }
            (Some(s), None, Some(o)) => self.subject_object(s, o),
            (Some(s), Some(p), Some(o)) => self.single(s, p, o),
        })
    }

    /// The predicates of an entity's facts, with how many there are of each, in no useful order.
    pub(crate) fn predicates_as_subject(&self, entity: u32) -> impl Iterator<Item = (u32, u32)> {
        self.by_predicate(self.group(Section::SubjectStarts, Section::BySubjectPredicate, entity))
    }

    /// The same of the facts that have the entity as their object.
    pub(crate) fn predicates_as_object(&self, entity: u32) -> impl Iterator<Item = (u32, u32)> {
        self.by_predicate(self.group(Section::ObjectStarts, Section::ByObjectPredicate, entity))
    }

    fn subject_predicate(&self, subject: u32, predicate: u32) -> &[u32] {
        self.narrow(self.group(Section::SubjectStarts, Section::BySubjectPredicate, subject), 1, predicate)
    }

    fn subject_object(&self, subject: u32, object: u32) -> &[u32] {
        self.narrow(self.group(Section::SubjectStarts, Section::BySubjectObject, subject), 2, object)
    }

    /// A triple is there at most once; it is looked for in the shorter of the two runs that would have it.
    fn single(&self, subject: u32, predicate: u32, object: u32) -> &[u32] {
        let triple: Triple = [subject, predicate, object];
        let runs = [self.subject_predicate(subject, predicate), self.subject_object(subject, object)];
        let shorter = if runs[0].len() < runs[1].len() { runs[0] } else { runs[1] };
        let found = shorter.iter().position(|fact| self.fact(*fact) == Some(triple));
        found.map(|at| &shorter[at..=at]).unwrap_or_default()
    }

    /// The stretch with `value` as its part number `part`, of facts sorted by that part.
    fn narrow<'a>(&self, facts: &'a [u32], part: usize, value: u32) -> &'a [u32] {
        let part_of = |fact: &u32| self.fact(*fact).map_or(0, |triple| triple[part]);
        let rest = &facts[facts.partition_point(|fact| part_of(fact) < value)..];
        &rest[..rest.partition_point(|fact| part_of(fact) <= value)]
    }

    /// Facts sorted by predicate, counted: a jump per predicate, so that a hub costs no more than its predicates.
    fn by_predicate<'a>(&'a self, mut facts: &'a [u32]) -> impl Iterator<Item = (u32, u32)> + 'a {
        std::iter::from_fn(move || {
            let predicate = self.fact(*facts.first()?)?[1];
            let stretch = facts.partition_point(|fact| self.fact(*fact).is_some_and(|t| t[1] <= predicate));
            facts = &facts[stretch.max(1).min(facts.len())..];
            Some((predicate, stretch as u32))
        })
    }
}
