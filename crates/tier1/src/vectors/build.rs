//! Brings the vectors of a set of texts up to date: keeps those that are stored, embeds only the missing.
//! Interrupted anywhere, it goes on from the last save.

use std::path::Path;

use find_facts_core::{Deadline, Embedder, EngineError};

use crate::names::{Name, NameKind};
use crate::vectors::file::{VectorFile, VectorFileError, text_key};
use crate::vectors::quantise::{self, Query};

/// Texts embedded between two looks at the deadline and two reports of progress.
const BATCH: usize = 64;
/// Texts embedded between two saves: about a minute of work.
const SAVE_EVERY: usize = 20_000;

/// How far the embedding of names has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Names that have a vector.
    pub done: usize,
    /// Names that will have one.
    pub total: usize,
}

/// Why vectors could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The embedding model failed.
    #[error("the embedding model failed")]
    Engine(#[from] EngineError),
    /// It returned something else than one vector of the right length for each text.
    #[error(
        "the embedding model `{model}` returned {got} vectors of length {length} for {wanted} texts of length {expected}"
    )]
    Shape {
        /// Its name.
        model: String,
        /// Vectors returned.
        got: usize,
        /// Texts given.
        wanted: usize,
        /// The length of the first that differs.
        length: usize,
        /// The length announced.
        expected: usize,
    },
}

/// Where vectors are kept, and who hears of progress and of vectors that are not kept.
pub(crate) struct Work<'a> {
    pub embedder: &'a dyn Embedder,
    pub path: Option<&'a Path>,
    pub progress: &'a dyn Fn(Progress),
    pub unsaved: &'a dyn Fn(VectorFileError),
    pub deadline: &'a Deadline,
}

/// The vectors of the names that have letters; those in `known` are taken from there.
pub(crate) fn embed_missing(
    names: &[Name],
    known: Option<VectorFile>,
    work: &Work<'_>,
) -> Result<VectorFile, BuildError> {
    let mut wanted: Vec<(u64, &str)> = (names.iter())
        .filter(|name| name.is_word() && name.kind != NameKind::Base)
        .map(|name| (text_key(&name.raw), &*name.raw))
        .collect();
    wanted.sort_unstable();
    wanted.dedup_by_key(|(key, _)| *key);
    let complete = |file: &VectorFile| file.keys().iter().eq(wanted.iter().map(|(key, _)| key));
    let known = match known {
        Some(file) if complete(&file) => {
            (work.progress)(Progress { done: file.rows(), total: file.rows() });
            return Ok(file);
        }
        other => other,
    };
    let mut table = Table::new(wanted, work.embedder.dimensions());
    if let Some(file) = known {
        table.take_over(&file);
    }
    table.fill(work)?;
    Ok(table.finish(work))
}

/// Vectors in the making.
struct Table<'a> {
    texts: Vec<(u64, &'a str)>,
    dimensions: usize,
    fine: Vec<i16>,
    done: Vec<bool>,
}

impl<'a> Table<'a> {
    fn new(texts: Vec<(u64, &'a str)>, dimensions: usize) -> Self {
        Self { fine: vec![0; texts.len() * dimensions], done: vec![false; texts.len()], texts, dimensions }
    }

    fn take_over(&mut self, file: &VectorFile) {
        for (at, (key, _)) in self.texts.iter().enumerate() {
            if let Some(row) = file.row_of(*key) {
                self.fine[at * self.dimensions..(at + 1) * self.dimensions]
                    .copy_from_slice(file.fine(row as usize));
                self.done[at] = true;
            }
        }
    }

    fn fill(&mut self, work: &Work<'_>) -> Result<(), BuildError> {
        let mut missing: Vec<usize> = (0..self.texts.len()).filter(|at| !self.done[*at]).collect();
        // Texts of one length waste no padding in a batch.
        missing.sort_by_key(|at| (self.texts[*at].1.len(), *at));
        let total = self.texts.len();
        let stored = total - missing.len();
        for (number, batch) in missing.chunks(BATCH).enumerate() {
            (work.progress)(Progress { done: stored + number * BATCH, total });
            let texts: Vec<&str> = batch.iter().map(|at| self.texts[*at].1).collect();
            self.take(batch, &work.embedder.embed(&texts, work.deadline)?, work.embedder)?;
            if ((number + 1) * BATCH).is_multiple_of(SAVE_EVERY.next_multiple_of(BATCH)) {
                // The last save tells of what is still in its way then.
                let _ = self.save(work);
            }
        }
        (work.progress)(Progress { done: total, total });
        Ok(())
    }

    fn take(
        &mut self,
        batch: &[usize],
        vectors: &[Vec<f32>],
        embedder: &dyn Embedder,
    ) -> Result<(), BuildError> {
        let odd = vectors.iter().find(|vector| vector.len() != self.dimensions);
        if vectors.len() != batch.len() || odd.is_some() {
            return Err(BuildError::Shape {
                model: embedder.name().to_owned(),
                got: vectors.len(),
                wanted: batch.len(),
                length: odd.map_or(self.dimensions, Vec::len),
                expected: self.dimensions,
            });
        }
        for (at, vector) in batch.iter().zip(vectors) {
            let row = &mut self.fine[at * self.dimensions..(at + 1) * self.dimensions];
            for (place, value) in row.iter_mut().zip(quantise::fine(vector)) {
                *place = value;
            }
            self.done[*at] = true;
        }
        Ok(())
    }

    /// What is there by now, so that an interruption costs a minute's work at most.
    fn save(&self, work: &Work<'_>) -> Result<(), VectorFileError> {
        let Some(path) = work.path else { return Ok(()) };
        let done: Vec<usize> = (0..self.texts.len()).filter(|at| self.done[*at]).collect();
        let keys: Vec<u64> = done.iter().map(|at| self.texts[*at].0).collect();
        let fine: Vec<i16> = (done.iter())
            .flat_map(|at| &self.fine[at * self.dimensions..(at + 1) * self.dimensions])
            .copied()
            .collect();
        VectorFile::in_memory(&keys, &fine, self.dimensions, work.embedder.fingerprint()).save(path)
    }

    /// The vectors: in their file, or in memory where they cannot be kept.
    fn finish(self, work: &Work<'_>) -> VectorFile {
        let keys: Vec<u64> = self.texts.iter().map(|(key, _)| *key).collect();
        let fingerprint = work.embedder.fingerprint();
        let file = VectorFile::in_memory(&keys, &self.fine, self.dimensions, fingerprint);
        drop(self);
        let Some(path) = work.path else { return file };
        let saved = file.save(path);
        saved.and_then(|()| VectorFile::open(path, fingerprint, work.embedder.dimensions())).unwrap_or_else(
            |error| {
                (work.unsaved)(error);
                file
            },
        )
    }
}

/// The vector of a mention.
pub(crate) fn query_of(
    embedder: &dyn Embedder,
    raw: &str,
    deadline: &Deadline,
) -> Result<Query, EngineError> {
    let mut vectors = embedder.embed(&[raw], deadline)?;
    match vectors.pop() {
        Some(vector) if vectors.is_empty() && vector.len() == embedder.dimensions() => Ok(Query::new(vector)),
        _ => Err(EngineError::Unavailable {
            engine: embedder.name().to_owned(),
            reason: "it did not return one vector of its own length for one text".to_owned(),
        }),
    }
}
