//! A file of vectors without the names they belong to, so that the search alone can be measured.

use std::path::Path;

use find_facts_core::{Deadline, DeadlineExceeded, Embedder};

use super::{Query, VectorFile, VectorFileError, nearest_rows};

/// Vectors of names, as Tier 1 has stored them.
pub struct StoredVectors(VectorFile);

impl StoredVectors {
    /// Opens what Tier 1 has stored with this embedder.
    pub fn open(path: &Path, embedder: &dyn Embedder) -> Result<Self, VectorFileError> {
        Ok(Self(VectorFile::open(path, embedder.fingerprint(), embedder.dimensions())?))
    }

    /// How many there are.
    pub fn rows(&self) -> usize {
        self.0.rows()
    }

    /// The `count` nearest rows to a vector of unit length, nearest first, as linking finds them: all rows are scanned with one byte a
    /// dimension, and the best of those are looked at again.
    pub fn nearest(
        &self,
        vector: Vec<f32>,
        count: usize,
        deadline: &Deadline,
    ) -> Result<Vec<u32>, DeadlineExceeded> {
        let rows = nearest_rows(&self.0, &Query::new(vector), count, deadline)?;
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// The same without the first look: every row is compared with full precision.
    pub fn nearest_of_all(&self, vector: Vec<f32>, count: usize) -> Vec<u32> {
        let query = Query::new(vector);
        let mut rows: Vec<(f32, u32)> =
            (0..self.0.rows() as u32).map(|row| (query.fine(self.0.fine(row as usize)), row)).collect();
        rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        rows.into_iter().take(count).map(|(_, row)| row).collect()
    }
}
