//! The part of a knowledge base folder that queries are made from: `facts.tsv` and, if there, `aliases.tsv`.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

/// Facts by subject, and other names of subjects.
#[derive(Debug, Default)]
pub struct World {
    pub(crate) facts: Vec<[String; 3]>,
    /// Alias and the one entity it belongs to; an alias that another entity has too, however it is written, is left out.
    pub(crate) aliases: Vec<(String, String)>,
    /// Every subject, object and alias, folded.
    known: HashSet<String>,
    /// Numbers of facts by subject and predicate.
    by_subject: HashMap<String, Vec<usize>>,
}

/// Why a folder gives no world.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// A file cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A line has too few fields.
    #[error("line {line} of `{path}` has fewer than {fields} fields")]
    Line {
        /// Of which file.
        path: PathBuf,
        /// Counted from one.
        line: usize,
        /// How many it needs.
        fields: usize,
    },
    /// There is nothing to ask for.
    #[error("`{0}` has no facts")]
    Empty(PathBuf),
}

impl World {
    /// Reads a knowledge base folder.
    pub fn read(folder: &Path) -> Result<Self, WorldError> {
        let path = folder.join("facts.tsv");
        let facts = rows::<3>(&path, &text(&path)?)?;
        if facts.is_empty() {
            return Err(WorldError::Empty(path));
        }
        let path = folder.join("aliases.tsv");
        let aliases = if path.exists() { rows::<2>(&path, &text(&path)?)? } else { Vec::new() };
        Ok(Self::new(facts, aliases))
    }

    /// A world of facts and of pairs of entity and alias.
    pub fn new(facts: Vec<[String; 3]>, aliases: Vec<[String; 2]>) -> Self {
        let mut by_subject: HashMap<String, Vec<usize>> = HashMap::new();
        let mut owners: HashMap<String, HashSet<&str>> = HashMap::new();
        for (number, [subject, _, object]) in facts.iter().enumerate() {
            by_subject.entry(subject.clone()).or_default().push(number);
            for name in [subject, object] {
                owners.entry(fold(name)).or_default().insert(name);
            }
        }
        for [entity, alias] in &aliases {
            owners.entry(fold(alias)).or_default().insert(entity);
        }
        let is_usable = |entity: &String, alias: &String| {
            alias != entity && owners[&fold(alias)].len() == 1 && by_subject.contains_key(entity)
        };
        let usable = aliases
            .iter()
            .filter(|[entity, alias]| is_usable(entity, alias))
            .map(|[entity, alias]| (alias.clone(), entity.clone()))
            .collect();
        let known = owners.into_keys().collect();
        Self { facts, aliases: usable, known, by_subject }
    }

    /// Whether a mention reads as something's name or alias, in whatever case and with whatever diacritics.
    pub(crate) fn knows(&self, mention: &str) -> bool {
        self.known.contains(&fold(mention))
    }

    /// The facts of a subject.
    pub(crate) fn about<'a>(&'a self, subject: &str) -> impl Iterator<Item = &'a [String; 3]> + use<'a> {
        self.by_subject.get(subject).into_iter().flatten().map(|number| &self.facts[*number])
    }
}

/// Letters and digits alone, without case and diacritics.
fn fold(text: &str) -> String {
    text.nfkd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn text(path: &Path) -> Result<String, WorldError> {
    std::fs::read_to_string(path).map_err(|source| WorldError::Read { path: path.to_owned(), source })
}

fn rows<const N: usize>(path: &Path, text: &str) -> Result<Vec<[String; N]>, WorldError> {
    let row = |(number, line): (usize, &str)| {
        let fields: Vec<String> = line.split('\t').take(N).map(str::to_owned).collect();
        fields.try_into().map_err(|_| WorldError::Line { path: path.to_owned(), line: number + 1, fields: N })
    };
    text.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(parts: [&str; 3]) -> [String; 3] {
        parts.map(str::to_owned)
    }

    #[test]
    fn an_alias_of_two_entities_or_of_none_is_left_out() {
        let facts = vec![fact(["Paris", "country", "France"]), fact(["Paris (Texas)", "country", "USA"])];
        let aliases = [["Paris", "Lutetia"], ["Paris", "P"], ["Paris (Texas)", "P"], ["Rome", "Roma"]];
        let world = World::new(facts, aliases.map(|row| row.map(str::to_owned)).to_vec());
        assert_eq!(world.aliases, [("Lutetia".to_owned(), "Paris".to_owned())]);
    }

    #[test]
    fn an_alias_that_reads_as_another_name_is_left_out_and_no_slip_may_read_as_one() {
        let facts = vec![fact(["Macedonia", "code", "807"]), fact(["Mikołajki", "country", "Poland"])];
        let aliases = [["Macedonia", "MKD"], ["Mikołajki", "mkd"], ["Mikołajki", "Nikolaiken"]];
        let world = World::new(facts, aliases.map(|row| row.map(str::to_owned)).to_vec());
        assert_eq!(world.aliases, [("Nikolaiken".to_owned(), "Mikołajki".to_owned())]);
        assert!(world.knows("NIKOLAIKEN") && world.knows("Mkd") && world.knows("poland"));
        assert!(!world.knows("Macedonja"));
    }

    #[test]
    fn a_short_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("facts.tsv"), "a\tb\tc\na\tb\n").unwrap();
        let error = World::read(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with("line 2 of"), "{error}");
    }
}
