//! The wordings by which each relation is found: its own name, those the knowledge base knows, those of general knowledge,
//! and the questions that these make by rule. The mention is `X`.

use find_facts_core::{Direction, Predicate};

use super::labels::{Sense, plain};
use crate::lexicon::Concept;

/// Names of general knowledge that are written out as questions; further ones only repeat them.
const NAMES: usize = 32;

/// A wording, and how far it is to be trusted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wording {
    pub(super) text: String,
    pub(super) direction: Direction,
    /// Whether it is a name of the relation as it stands, in the knowledge base's own words.
    pub(super) known: bool,
    /// Which known wording of the predicate it comes from.
    pub(super) alias: Option<usize>,
    /// Whether it is there without that as well.
    pub(super) otherwise: bool,
    /// Whether it asks for what names say that they are names of.
    pub(super) by_names: bool,
}

/// The wordings of a relation that the knowledge base does not have.
pub(super) fn strange(concept: &Concept) -> Vec<Wording> {
    let mut all = All::default();
    of_sense(&mut all, &Sense { concept, reversed: false, alias: None });
    all.list
}

/// All wordings of a predicate. `called` are words that most names of its subjects share, and most of its objects.
pub(super) fn wordings(
    predicate: &Predicate,
    senses: &[Sense<'_>],
    called: &[Vec<String>; 2],
) -> Vec<Wording> {
    let mut all = All::default();
    let aliases = predicate.aliases.iter().enumerate().map(|(nth, alias)| (Some(nth), alias));
    for (alias, name) in std::iter::once((None, &predicate.name)).chain(aliases) {
        all.alias = alias;
        all.add(plain(name), Direction::Forward, true);
        of_name(&mut all, &plain(name));
    }
    senses.iter().for_each(|sense| of_sense(&mut all, sense));
    all.of_what_is_called(called);
    all.list
}

/// What general knowledge says of a relation.
fn of_sense(all: &mut All, sense: &Sense<'_>) {
    let Sense { concept, reversed, alias } = sense;
    all.alias = *alias;
    let ways = match reversed {
        false => [Direction::Forward, Direction::Backward],
        true => [Direction::Backward, Direction::Forward],
    };
    for name in concept.names.iter().take(NAMES) {
        all.add(name.clone(), ways[0], false);
        if !verbal(name) {
            all.add(format!("what is the {name} of X"), ways[0], false);
            all.add(format!("X is the {name} of what"), ways[1], false);
        }
    }
    for text in &concept.forward {
        all.add(text.clone(), ways[0], false);
    }
    for text in &concept.backward {
        all.add(text.clone(), ways[1], false);
    }
    for side in &concept.sides[0] {
        for name in concept.names.iter().take(2).filter(|name| !verbal(name)) {
            all.add(format!("which {side} has the {name} X"), ways[1], false);
        }
    }
    for name in concept.reversed.iter().filter(|name| !name.ends_with(" of")) {
        all.add(name.clone(), ways[1], false);
    }
}

/// Questions that a name makes by rule.
fn of_name(all: &mut All, name: &str) {
    if let Some(done) = name.strip_suffix(" by") {
        for text in [format!("who {done} X"), format!("X was {name}"), format!("who was X {name}")] {
            all.add(text, Direction::Forward, false);
        }
        for text in [format!("{name} X"), format!("what was {name} X"), format!("what did X {done}")] {
            all.add(text, Direction::Backward, false);
        }
    } else if verbal(name) {
        all.add(format!("what X {name}"), Direction::Forward, false);
        all.add(format!("X {name}"), Direction::Forward, false);
        all.add(format!("what {name} X"), Direction::Backward, false);
    } else {
        for text in [format!("what is the {name} of X"), format!("X {name}")] {
            all.add(text, Direction::Forward, false);
        }
        for text in [
            format!("whose {name} is X"),
            format!("what has X as its {name}"),
            format!("X is the {name} of what"),
        ] {
            all.add(text, Direction::Backward, false);
        }
    }
}

/// Whether a name is read as a verb: it ends in a preposition, or is a participle.
fn verbal(name: &str) -> bool {
    const AFTER_A_VERB: &[&str] =
        &["by", "in", "at", "on", "to", "from", "for", "with", "as", "after", "through"];
    let last = name.rsplit(' ').next().unwrap_or_default();
    AFTER_A_VERB.contains(&last) || last.ends_with("ed")
}

/// A question with the noun that it asks for: "what is in X" is "which airport is in X"; `None` where it asks for a person or a
/// time, or has a noun of its own.
fn asking_for(noun: &str, text: &str) -> Option<String> {
    const AFTER_WHAT: &[&str] =
        &["is", "are", "was", "were", "has", "have", "had", "can", "does", "do", "did", "lies", "lie"];
    const ANYTHING: &[&str] = &["places", "place", "things", "thing"];
    let (asking, rest) = text.split_once(' ')?;
    let (next, after) = rest.split_once(' ')?;
    match asking {
        "what" if AFTER_WHAT.contains(&next) => Some(format!("which {noun} {rest}")),
        "what" | "which" if ANYTHING.contains(&next) => Some(format!("which {noun} {after}")),
        _ => None,
    }
}

/// Wordings as they are gathered.
#[derive(Default)]
struct All {
    list: Vec<Wording>,
    /// The known wording that those to come stem from.
    alias: Option<usize>,
}

impl All {
    /// Asks in the same ways for what the names of the answers say that they are.
    fn of_what_is_called(&mut self, [subjects, objects]: &[Vec<String>; 2]) {
        for (direction, nouns) in [(Direction::Backward, subjects), (Direction::Forward, objects)] {
            let same_way = self.list.iter().filter(|wording| wording.direction == direction);
            let wordings: Vec<Wording> = same_way.cloned().collect();
            for noun in nouns {
                for Wording { text, alias, .. } in &wordings {
                    let there = self.list.len();
                    self.alias = *alias;
                    self.add(asking_for(noun, text).unwrap_or_default(), direction, false);
                    self.list[there..].iter_mut().for_each(|added| added.by_names = true);
                }
            }
        }
    }

    fn add(&mut self, text: String, direction: Direction, known: bool) {
        if text.is_empty() {
            return;
        }
        let alias = self.alias;
        match self.list.iter_mut().find(|wording| wording.text == text && wording.direction == direction) {
            Some(there) => there.otherwise |= there.alias != alias,
            None => {
                self.list.push(Wording { text, direction, known, alias, otherwise: false, by_names: false });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_for_anything_is_one_for_what_the_names_say() {
        let asking = |text| asking_for("airport", text);
        assert_eq!(asking("what is in X").as_deref(), Some("which airport is in X"));
        assert_eq!(asking("which places are in X").as_deref(), Some("which airport are in X"));
        assert_eq!(asking("which countries are in X"), None);
        assert_eq!(asking("who was born in X"), None);
        assert_eq!(asking("X"), None);
    }
}
