//! A file of vectors without the names they belong to, so that the search alone can be measured.

use std::path::Path;

use find_facts_core::{Deadline, DeadlineExceeded, Embedder};

use super::table::Table;
use super::{Query, VectorFile, VectorFileError};

/// Vectors of names, as Tier 1 has stored them.
pub struct StoredVectors(Table);

impl StoredVectors {
    /// Opens what Tier 1 has stored with this embedder.
    pub fn open(path: &Path, embedder: &dyn Embedder) -> Result<Self, VectorFileError> {
        let file = VectorFile::open(path, embedder.fingerprint(), embedder.dimensions())?;
        Ok(Self(Table::new(file)))
    }

    /// How many there are.
    pub fn rows(&self) -> usize {
        self.0.rows()
    }

    /// The `count` nearest rows to a vector of unit length, nearest first, as linking finds them: all rows are compared by one bit a
    /// dimension, and the best of those are looked at again.
    pub fn nearest(
        &self,
        vector: Vec<f32>,
        count: usize,
        deadline: &Deadline,
    ) -> Result<Vec<u32>, DeadlineExceeded> {
        let rows = self.0.nearest(&Query::new(vector), count, deadline)?;
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// The same without the first look: every row is compared with full precision.
    pub fn nearest_of_all(&self, vector: Vec<f32>, count: usize) -> Vec<u32> {
        let rows = 0..self.0.rows() as u32;
        self.0.nearest_of(rows, &Query::new(vector), count).into_iter().map(|(_, row)| row).collect()
    }
}
