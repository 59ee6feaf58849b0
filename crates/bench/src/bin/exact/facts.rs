//! Generated facts and the queries asked of them: the same for every server. Five facts a subject, as many subjects as it takes.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;

const PREDICATES: [&str; 5] = ["born_in", "works_for", "member_of", "lives_in", "knows"];

/// As many facts as asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) count: usize,
}

/// A query of subject and predicate, and the object that answers it.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) subject: String,
    pub(crate) predicate: &'static str,
    pub(crate) object: String,
}

impl Facts {
    /// The fact of this number. Multiplying by a large prime spreads names and values, so that no server gains from order.
    pub(crate) fn fact(self, number: usize) -> Query {
        let subject = number / PREDICATES.len();
        let value = number.wrapping_mul(2_654_435_761) % 1_000_003;
        Query {
            subject: format!("Person {:07} of the register", subject.wrapping_mul(7_919) % 10_000_019),
            predicate: PREDICATES[number % PREDICATES.len()],
            object: format!("Value {value:07}"),
        }
    }

    /// Queries spread evenly over the facts.
    pub(crate) fn queries(self, count: usize) -> Vec<Query> {
        (0..count).map(|number| self.fact(number * (self.count / count).max(1))).collect()
    }

    /// Writes every fact, one line each, as `line` puts it.
    pub(crate) fn write(self, path: &Path, line: impl Fn(&Query) -> String) -> Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        for number in 0..self.count {
            writeln!(file, "{}", line(&self.fact(number)))?;
        }
        file.flush()?;
        Ok(())
    }

    /// Writes a knowledge base folder.
    pub(crate) fn write_folder(self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        self.write(&folder.join("facts.tsv"), |fact| {
            format!("{}\t{}\t{}", fact.subject, fact.predicate, fact.object)
        })
    }
}
