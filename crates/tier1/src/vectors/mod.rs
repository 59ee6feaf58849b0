//! Vectors of a segment's names: computed once, kept in a file, searched whole.
//! A name's vector belongs to its text, so a file serves every version of a knowledge base for the names it still has.

mod build;
mod file;
mod quantise;
mod scan;
mod stored;

use find_facts_core::{Deadline, DeadlineExceeded};

pub use build::{BuildError, Progress};
pub(crate) use build::{Work, embed_missing, query_of};
pub(crate) use file::VectorFile;
pub use file::VectorFileError;
pub(crate) use quantise::{Centred, Query};
pub use stored::StoredVectors;

use crate::names::Name;
use crate::vectors::file::text_key;

/// Rows that are looked at again with full precision. Its recall on these vectors is not measured yet.
const RESCORED: usize = 64;
/// The mean is taken of about this many rows: enough for two digits of it.
const CENTRED: usize = 4096;
/// A name without a vector.
const NONE: u32 = u32::MAX;

/// Vectors, and which names of a segment they belong to.
pub(crate) struct Vectors {
    file: VectorFile,
    row_of: Vec<u32>,
    /// Names in the order of their rows.
    names: Vec<u32>,
    /// Where each row's names start.
    starts: Vec<u32>,
    /// The mean of the rows.
    centre: Vec<f32>,
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
        let centre = centre_of(&file);
        Self { file, row_of, names: order, starts, centre }
    }

    /// The cosine of a name's vector and the query's.
    pub(crate) fn cosine(&self, name: u32, query: &Query) -> Option<f32> {
        let row = self.row_of[name as usize];
        (row != NONE).then(|| query.fine(self.file.fine(row as usize)))
    }

    /// The same cosine as it is seen from a centre.
    pub(crate) fn centred_cosine(&self, name: u32, query: &Centred<'_>) -> Option<f32> {
        let row = self.row_of[name as usize];
        (row != NONE).then(|| query.fine(self.file.fine(row as usize)))
    }

    /// What the names have in common: the mean of their vectors.
    pub(crate) fn centre(&self) -> &[f32] {
        &self.centre
    }

    /// The names of the `count` nearest vectors with their cosines, nearest first.
    pub(crate) fn nearest(
        &self,
        query: &Query,
        count: usize,
        deadline: &Deadline,
    ) -> Result<Vec<(u32, f32)>, DeadlineExceeded> {
        Ok(nearest_rows(&self.file, query, count, deadline)?
            .into_iter()
            .flat_map(|(cosine, row)| self.names_of(row).iter().map(move |name| (*name, cosine)))
            .collect())
    }

    fn names_of(&self, row: u32) -> &[u32] {
        let row = row as usize;
        &self.names[self.starts[row] as usize..self.starts[row + 1] as usize]
    }
}

/// The nearest rows of a file with their cosines, nearest first.
fn nearest_rows(
    file: &VectorFile,
    query: &Query,
    count: usize,
    deadline: &Deadline,
) -> Result<Vec<(f32, u32)>, DeadlineExceeded> {
    let rows = scan::best_rows(file.coarse(), query, RESCORED, deadline)?;
    let mut rows: Vec<(f32, u32)> =
        rows.into_iter().map(|row| (query.fine(file.fine(row as usize)), row)).collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    rows.truncate(count);
    Ok(rows)
}

/// The mean of evenly spread rows.
fn centre_of(file: &VectorFile) -> Vec<f32> {
    let step = file.rows().div_ceil(CENTRED).max(1);
    let mut sum = vec![0.0f32; file.dimensions()];
    let mut count = 0.0f32;
    for row in (0..file.rows()).step_by(step) {
        for (sum, value) in sum.iter_mut().zip(quantise::plain(file.fine(row))) {
            *sum += value;
        }
        count += 1.0;
    }
    sum.iter_mut().for_each(|sum| *sum /= count.max(1.0));
    sum
}

fn row_of(file: &VectorFile, name: &Name) -> u32 {
    match name.is_word() && name.kind != crate::names::NameKind::Base {
        true => file.row_of(text_key(&name.raw)).unwrap_or(NONE),
        false => NONE,
    }
}
