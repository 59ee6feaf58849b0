//! Which relation of general knowledge a predicate's name stands for: the same words, the same telling words, or the same head.

use find_facts_core::Predicate;
use find_facts_tier1::normalise::fold;
use rustc_hash::FxHashMap;

use crate::english::{Role, Stem, role, stem};
use crate::lexicon::Concept;

/// A predicate as a relation of general knowledge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sense<'a> {
    pub(super) concept: &'a Concept,
    /// Whether the predicate says it from the other side.
    pub(super) reversed: bool,
    /// The known wording by which it was found; none where the predicate's own name did.
    pub(super) alias: Option<usize>,
}

/// A name in plain words: `placeOfBirth` and `place_of_birth` are `place of birth`.
pub(crate) fn plain(name: &str) -> String {
    let mut spaced = String::with_capacity(name.len() + 8);
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            spaced.push(' ');
        }
        spaced.push(if c == '_' || c == '.' { ' ' } else { c });
        before = c;
    }
    fold(&spaced)
}

/// How well a name fits: the first name of a relation, another of its names, or only its last words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Head,
    OtherWordOrder,
    Reversed,
    Name,
    FirstName,
}

#[derive(Debug, Clone, Copy)]
struct Match {
    predicate: usize,
    concept: usize,
    fit: Fit,
    /// Whether the name fits; a known wording speaks less clearly.
    own: bool,
    alias: Option<usize>,
}

/// The senses of each predicate. Where two predicates fit one relation, the better fit has it: beside `country of origin`,
/// `country` means another.
pub(super) fn senses<'a>(
    predicates: &[Predicate],
    concepts: &'a [Concept],
) -> (Vec<Vec<Sense<'a>>>, Vec<&'a Concept>) {
    let table = Table::new(concepts);
    let mut matches: Vec<Match> = Vec::new();
    let mut near = vec![false; concepts.len()];
    for (at, predicate) in predicates.iter().enumerate() {
        let mut own = Vec::new();
        for name in pieces(&predicate.name) {
            own.extend(table.matches(&name));
        }
        let mut found: Vec<Match> = (own.into_iter())
            .map(|(concept, fit)| Match { predicate: at, concept, fit, own: true, alias: None })
            .collect();
        for (nth, alias) in predicate.aliases.iter().enumerate() {
            let known = table.matches(&plain(alias)).into_iter().filter(|(_, fit)| *fit >= Fit::Name);
            let alias = Some(nth);
            found.extend(known.map(|(concept, fit)| Match {
                predicate: at,
                concept,
                fit,
                own: false,
                alias,
            }));
        }
        found.iter().for_each(|found| near[found.concept] = true);
        let best = found.iter().map(|found| (found.own, found.fit)).max();
        matches.extend(found.into_iter().filter(|found| Some((found.own, found.fit)) == best));
    }
    let mut best_of: FxHashMap<usize, (bool, Fit)> = FxHashMap::default();
    for found in &matches {
        let best = best_of.entry(found.concept).or_insert((found.own, found.fit));
        *best = (*best).max((found.own, found.fit));
    }
    let mut senses = vec![Vec::new(); predicates.len()];
    for found in matches {
        if best_of.get(&found.concept) == Some(&(found.own, found.fit)) {
            senses[found.predicate].push(Sense {
                concept: &concepts[found.concept],
                reversed: found.fit == Fit::Reversed,
                alias: found.alias,
            });
        }
    }
    let strange = concepts.iter().zip(near).filter(|(_, near)| !near).map(|(concept, _)| concept).collect();
    (senses, strange)
}

/// A name, and the names it joins: `position played / speciality` is two.
fn pieces(name: &str) -> Vec<String> {
    let mut pieces = vec![plain(name)];
    pieces.extend(name.split(['/', ';', ',']).filter(|piece| piece.len() < name.len()).map(plain));
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// The names of the table by their words.
struct Table {
    whole: FxHashMap<String, Vec<(usize, Fit)>>,
    telling: FxHashMap<Vec<Stem>, Vec<usize>>,
}

impl Table {
    fn new(concepts: &[Concept]) -> Self {
        let mut table = Self { whole: FxHashMap::default(), telling: FxHashMap::default() };
        for (at, concept) in concepts.iter().enumerate() {
            for (order, name) in concept.names.iter().enumerate() {
                let fit = if order == 0 { Fit::FirstName } else { Fit::Name };
                table.whole.entry(whole(name)).or_default().push((at, fit));
                let telling = table.telling.entry(telling(name)).or_default();
                if !telling.contains(&at) {
                    telling.push(at);
                }
            }
            for name in &concept.reversed {
                table.whole.entry(whole(name)).or_default().push((at, Fit::Reversed));
            }
        }
        table
    }

    fn matches(&self, name: &str) -> Vec<(usize, Fit)> {
        if let Some(found) = self.whole.get(&whole(name)) {
            return found.clone();
        }
        let words = telling(name);
        if let Some(found) = self.telling.get(&words).filter(|_| !words.is_empty()) {
            return found.iter().map(|concept| (*concept, Fit::OtherWordOrder)).collect();
        }
        let head: Vec<Stem> = name.split(' ').filter(|word| role(word) == Role::Content).map(stem).collect();
        (1..head.len())
            .find_map(|from| {
                let mut words = head[from..].to_vec();
                words.sort_unstable();
                self.telling.get(&words)
            })
            .map(|found| found.iter().map(|concept| (*concept, Fit::Head)).collect())
            .unwrap_or_default()
    }
}

/// All words but articles and auxiliaries, in order and as they stand: `directed` is not `director`.
fn whole(name: &str) -> String {
    const IDLE: &[&str] = &["a", "an", "the", "is", "are", "was", "were", "has", "have", "had", "be"];
    let words: Vec<&str> = name.split(' ').filter(|word| !IDLE.contains(word)).collect();
    words.join(" ")
}

/// The words that say what is meant, in no order.
fn telling(name: &str) -> Vec<Stem> {
    let says = |word: &&str| matches!(role(word), Role::Content | Role::Turning);
    let mut words: Vec<Stem> = name.split(' ').filter(says).map(stem).collect();
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::concepts;

    fn predicate(name: &str) -> Predicate {
        Predicate { name: name.into(), aliases: Vec::new(), facts: 1 }
    }

    fn check(names: &[&str], expected: &[&str]) {
        let predicates: Vec<Predicate> = names.iter().map(|name| predicate(name)).collect();
        let found: Vec<String> = senses(&predicates, concepts())
            .0
            .into_iter()
            .map(|senses| senses.first().map_or(String::new(), |sense| sense.concept.names[0].clone()))
            .collect();
        assert_eq!(found, expected, "{names:?}");
    }

    #[test]
    fn names_are_found_however_they_are_written() {
        check(&["placeOfBirth"], &["place of birth"]);
        check(&["place_of_birth"], &["place of birth"]);
        check(&["birth place"], &["place of birth"]);
        check(&["film.directed_by", "gizmo coefficient"], &["directed by", ""]);
    }

    #[test]
    fn the_better_name_has_the_relation() {
        check(&["country", "country of origin"], &["country", "country of origin"]);
    }

    #[test]
    fn an_active_name_is_the_relation_from_the_other_side() {
        assert!(senses(&[predicate("directed")], concepts()).0[0][0].reversed);
        assert!(senses(&[predicate("capital of")], concepts()).0[0][0].reversed);
        assert!(!senses(&[predicate("capital")], concepts()).0[0][0].reversed);
    }
}
