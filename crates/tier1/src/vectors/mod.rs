//! Vectors of a segment's names: computed once, kept in a file, searched whole.
//! A name's vector belongs to its text, so a file serves every version of a knowledge base for the names it still has.

mod build;
mod file;
mod quantise;
mod signs;
mod stored;
mod table;

use find_facts_core::{Deadline, DeadlineExceeded};

pub use build::{BuildError, Progress};
pub(crate) use build::{Work, embed_missing, query_of};
pub(crate) use file::VectorFile;
pub use file::VectorFileError;
pub(crate) use quantise::{Centred, Query};
pub use stored::StoredVectors;

use crate::names::Name;
use crate::vectors::file::text_key;
use crate::vectors::table::Table;

/// A name without a vector.
const NONE: u32 = u32::MAX;

/// Vectors, and which names of a segment they belong to.
pub(crate) struct Vectors {
    table: Table,
    row_of: Vec<u32>,
    /// Names in the order of their rows.
    names: Vec<u32>,
    /// Where each row's names start.
    starts: Vec<u32>,
}

impl Vectors {
    /// Joins vectors with the names they belong to.
    pub(crate) fn new(file: VectorFile, names: &[Name]) -> Self {
        let row_of: Vec<u32> = names.iter().map(|name| row_of(&file, name)).collect();
        let mut order: Vec<u32> =
            (0..names.len() as u32).filter(|name| row_of[*name as usize] != NONE).collect();
        order.sort_unstable_by_key(|name| (row_of[*name as usize], *name));
        let mut starts = vec![0u32; file.rows() + 1];
        for name in &order {
            starts[row_of[*name as usize] as usize + 1] += 1;
        }
        for row in 0..file.rows() {
            starts[row + 1] += starts[row];
        }
        Self { table: Table::new(file), row_of, names: order, starts }
    }

    /// The cosine of a name's vector and the query's.
    pub(crate) fn cosine(&self, name: u32, query: &Query) -> Option<f32> {
        let row = self.row_of[name as usize];
        (row != NONE).then(|| query.fine(self.table.row(row)))
    }

    /// The same cosine as it is seen from a centre.
    pub(crate) fn centred_cosine(&self, name: u32, query: &Centred<'_>) -> Option<f32> {
        let row = self.row_of[name as usize];
        (row != NONE).then(|| query.fine(self.table.row(row)))
    }

    /// What the names have in common: the mean of their vectors.
    pub(crate) fn centre(&self) -> &[f32] {
        self.table.centre()
    }

    /// The names of the `count` nearest vectors with their cosines, nearest first.
    pub(crate) fn nearest(
        &self,
        query: &Query,
        count: usize,
        deadline: &Deadline,
    ) -> Result<Vec<(u32, f32)>, DeadlineExceeded> {
        Ok((self.table.nearest(query, count, deadline)?)
            .into_iter()
            .flat_map(|(cosine, row)| self.names_of(row).iter().map(move |name| (*name, cosine)))
            .collect())
    }

    fn names_of(&self, row: u32) -> &[u32] {
        let row = row as usize;
        &self.names[self.starts[row] as usize..self.starts[row + 1] as usize]
    }
}

fn row_of(file: &VectorFile, name: &Name) -> u32 {
    match name.is_word() && name.kind != crate::names::NameKind::Base {
        true => file.row_of(text_key(&name.raw)).unwrap_or(NONE),
        false => NONE,
    }
}
