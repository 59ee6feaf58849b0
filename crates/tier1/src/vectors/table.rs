//! Stored vectors, made ready to be searched: all rows by their signs, then the best of those with full precision.

use find_facts_core::{Deadline, DeadlineExceeded};

use super::VectorFile;
use super::quantise::{Query, fine, plain};
use super::signs::Signs;

/// Rows that are looked at again with full precision.
const RESCORED: usize = 1024;
/// The mean is taken of about this many rows: enough for two digits of it.
const CENTRED: usize = 4096;

/// Vectors that can be searched.
pub(crate) struct Table {
    file: VectorFile,
    /// The mean of the rows.
    centre: Vec<f32>,
    signs: Signs,
}

impl Table {
    pub(crate) fn new(file: VectorFile) -> Self {
        let centre = centre_of(&file);
        let stored: Vec<i16> = fine(&centre).collect();
        let signs = Signs::of((0..file.rows()).map(|row| file.fine(row)), &stored);
        Self { file, centre, signs }
    }

    /// How many there are.
    pub(crate) fn rows(&self) -> usize {
        self.file.rows()
    }

    /// The vector of a row.
    pub(crate) fn row(&self, row: u32) -> &[i16] {
        self.file.fine(row as usize)
    }

    /// The mean of the rows.
    pub(crate) fn centre(&self) -> &[f32] {
        &self.centre
    }

    /// The nearest rows with their cosines, nearest first.
    pub(crate) fn nearest(
        &self,
        query: &Query,
        count: usize,
        deadline: &Deadline,
    ) -> Result<Vec<(f32, u32)>, DeadlineExceeded> {
        let likest = self.signs.likest(query.exact(), &self.centre, RESCORED, deadline)?;
        Ok(self.nearest_of(likest.into_iter(), query, count))
    }

    /// The nearest of some rows.
    pub(crate) fn nearest_of(
        &self,
        rows: impl Iterator<Item = u32>,
        query: &Query,
        count: usize,
    ) -> Vec<(f32, u32)> {
        let mut rows: Vec<(f32, u32)> = rows.map(|row| (query.fine(self.row(row)), row)).collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        rows.truncate(count);
        rows
    }
}

/// The mean of evenly spread rows.
fn centre_of(file: &VectorFile) -> Vec<f32> {
    let step = file.rows().div_ceil(CENTRED).max(1);
    let mut sum = vec![0.0f32; file.dimensions()];
    let mut count = 0.0f32;
    for row in (0..file.rows()).step_by(step) {
        for (sum, value) in sum.iter_mut().zip(plain(file.fine(row))) {
            *sum += value;
        }
        count += 1.0;
    }
    sum.iter_mut().for_each(|sum| *sum /= count.max(1.0));
    sum
}
