//! How far a long operation has come, told to whoever started it.

use std::path::Path;

/// A sign of life. Operations on small knowledge bases may give none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// A file is being read.
    Read {
        /// Which one.
        file: &'a Path,
        /// So many bytes so far.
        bytes: u64,
        /// Of so many.
        total: u64,
    },
    /// Facts are being stored.
    Stored {
        /// So many so far.
        facts: usize,
        /// Of so many.
        total: usize,
    },
    /// What comes next, or what was found, in a few words.
    Step(&'a str),
}

/// Where signs of life go.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress<'_>);
