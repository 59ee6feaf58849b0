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
}

/// The wordings of a relation that the knowledge base does not have.
pub(super) fn strange(concept: &Concept) -> Vec<Wording> {
    let mut all = Vec::new();
    of_sense(&mut all, &Sense { concept, reversed: false });
    all
}

/// All wordings of a predicate.
pub(super) fn wordings(predicate: &Predicate, senses: &[Sense<'_>]) -> Vec<Wording> {
    let mut all = Vec::new();
    for name in std::iter::once(&predicate.name).chain(&predicate.aliases) {
        add(&mut all, plain(name), Direction::Forward, true);
        of_name(&mut all, &plain(name));
    }
    senses.iter().for_each(|sense| of_sense(&mut all, sense));
    all
}

/// What general knowledge says of a relation.
fn of_sense(all: &mut Vec<Wording>, sense: &Sense<'_>) {
    let Sense { concept, reversed } = sense;
    let ways = match reversed {
        false => [Direction::Forward, Direction::Backward],
        true => [Direction::Backward, Direction::Forward],
    };
    for name in concept.names.iter().take(NAMES) {
        add(all, name.clone(), ways[0], false);
        if !verbal(name) {
            add(all, format!("what is the {name} of X"), ways[0], false);
            add(all, format!("X is the {name} of what"), ways[1], false);
        }
    }
    for text in &concept.forward {
        add(all, text.clone(), ways[0], false);
    }
    for text in &concept.backward {
        add(all, text.clone(), ways[1], false);
    }
    for side in &concept.sides[0] {
        for name in concept.names.iter().take(2).filter(|name| !verbal(name)) {
            add(all, format!("which {side} has the {name} X"), ways[1], false);
        }
    }
    for name in concept.reversed.iter().filter(|name| !name.ends_with(" of")) {
        add(all, name.clone(), ways[1], false);
    }
}

/// Questions that a name makes by rule.
fn of_name(all: &mut Vec<Wording>, name: &str) {
    if let Some(done) = name.strip_suffix(" by") {
        for text in [format!("who {done} X"), format!("X was {name}"), format!("who was X {name}")] {
            add(all, text, Direction::Forward, false);
        }
        for text in [format!("{name} X"), format!("what was {name} X"), format!("what did X {done}")] {
            add(all, text, Direction::Backward, false);
        }
    } else if verbal(name) {
        add(all, format!("what X {name}"), Direction::Forward, false);
        add(all, format!("X {name}"), Direction::Forward, false);
        add(all, format!("what {name} X"), Direction::Backward, false);
    } else {
        for text in [format!("what is the {name} of X"), format!("X {name}")] {
            add(all, text, Direction::Forward, false);
        }
        for text in [
            format!("whose {name} is X"),
            format!("what has X as its {name}"),
            format!("X is the {name} of what"),
        ] {
            add(all, text, Direction::Backward, false);
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

fn add(all: &mut Vec<Wording>, text: String, direction: Direction, known: bool) {
    if !text.is_empty() && !all.iter().any(|wording| wording.text == text && wording.direction == direction) {
        all.push(Wording { text, direction, known });
    }
}
