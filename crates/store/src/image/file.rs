//! The index file: the image's words as they are. It is replaced, never written to, so that a mapped one never changes.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use memmap2::Mmap;

use super::layout::{self, Unusable};
use super::{Digest, Image, Memory};
use crate::durable;

/// Why there is no image in a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoImage {
    /// It is not there yet.
    #[error("there was none yet")]
    Missing,
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// It cannot be used.
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

impl Image {
    /// The image in a file, in place, if it is whole and belongs to the knowledge base with this digest.
    pub(crate) fn open(path: &Path, digest: &Digest) -> Result<Self, NoImage> {
        let file = File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => NoImage::Missing,
            _ => NoImage::Unreadable(error),
        })?;
        let memory = Memory::Mapped(map(&file).map_err(NoImage::Unreadable)?);
        let sections = layout::check(memory.words(), digest)?;
        Ok(Self { memory, sections })
    }

    /// Writes the image where `open` finds it. Killed at any moment, it leaves the old file or the new one.
    pub(crate) fn save(&self, path: &Path) -> io::Result<()> {
        let unfinished = durable::unfinished(path);
        let whole = || {
            let mut file = File::create(&unfinished)?;
            file.write_all(bytemuck::cast_slice(self.memory.words()))?;
            file.sync_all()?;
            durable::publish(&unfinished, path)
        };
        durable::or_discard(&unfinished, whole())
    }
}

#[expect(unsafe_code, reason = "a file can only be read in place by mapping it")]
fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the words must not change while they are mapped. The file lies in the state folder, which the store
    // has locked for itself, and the store replaces index files but never writes to one that has its final name.
    unsafe { Mmap::map(file) }
}
