//! N-Triples: which terms a file has, how they are labelled, and the statements about them. What the terms are
//! called is decided when all files are read, by `naming`.

use oxrdf::{NamedOrBlankNode, Term, Triple as Statement};
use oxttl::NTriplesParser;

use super::{LineError, name};
use crate::builder::Builder;
use crate::content::Triple;
use crate::import::naming;
use crate::strings::{Strings, TooLarge};

/// Statements whose terms have no names yet.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// IRIs as they are, `_file:label` for a blank node, `"text` for a literal.
    pub(super) terms: Strings,
    pub(super) statements: Vec<Triple>,
    pub(super) labels: Vec<Label>,
    /// Blank nodes of two files are two nodes, even when they are labelled alike.
    file: u32,
}

/// A name that a file gives a term in words.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) term: u32,
    pub(super) text: Box<str>,
    pub(super) rank: Rank,
}

/// Which label becomes the name: the first of the best rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// A label in English, or in no language.
    Preferred,
    /// A label in another language.
    Foreign,
    /// Said to be another name; it never becomes the name.
    Alternative,
}

const LABELS: [&str; 5] = [
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://schema.org/name",
    "https://schema.org/name",
    "http://xmlns.com/foaf/0.1/name",
];

const ALTERNATIVES: [&str; 3] = [
    "http://www.w3.org/2004/02/skos/core#altLabel",
    "http://schema.org/alternateName",
    "https://schema.org/alternateName",
];

impl Graph {
    pub(super) fn next_file(&mut self) {
        self.file += 1;
    }

    /// Takes in a line, which may be a comment. Several statements on a line count as one bad line if one is bad.
    pub(super) fn line(&mut self, text: &str) -> Result<(), LineError> {
        let statements: Vec<Statement> =
            NTriplesParser::new().for_slice(text).collect::<Result<_, _>>().map_err(LineError::NTriples)?;
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, Statement { subject, predicate, object }: &Statement) -> Result<(), LineError> {
        let subject = match subject {
            NamedOrBlankNode::NamedNode(node) => self.terms.intern(node.as_str())?,
            NamedOrBlankNode::BlankNode(node) => self.blank(node.as_str())?,
        };
        let object = match object {
            Term::NamedNode(node) => self.terms.intern(node.as_str())?,
            Term::BlankNode(node) => self.blank(node.as_str())?,
            Term::Literal(literal) => {
                let text = name("object", literal.value())?;
                if let Some(rank) = rank(predicate.as_str(), literal.language()) {
                    self.labels.push(Label { term: subject, text: text.into(), rank });
                    return Ok(());
                }
                self.terms.intern(&format!("\"{text}"))?
            }
        };
        let predicate = self.terms.intern(predicate.as_str())?;
        self.statements.push([subject, predicate, object]);
        Ok(())
    }

    fn blank(&mut self, label: &str) -> Result<u32, TooLarge> {
        self.terms.intern(&format!("_{}:{label}", self.file))
    }

    /// Names the terms and adds the statements to the content; returns how many of them were known.
    pub(super) fn finish(self, builder: &mut Builder) -> Result<u64, TooLarge> {
        naming::add(&self, builder)
    }
}

/// Whether a literal is a name of its subject, and how good a one.
fn rank(predicate: &str, language: Option<&str>) -> Option<Rank> {
    if ALTERNATIVES.contains(&predicate) {
        return Some(Rank::Alternative);
    }
    let is_english = language.is_none_or(|tag| tag == "en" || tag.starts_with("en-"));
    LABELS.contains(&predicate).then_some(if is_english { Rank::Preferred } else { Rank::Foreign })
}
