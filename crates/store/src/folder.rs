//! What a knowledge base folder holds, and how it becomes a `Content`. Nothing here writes into it.

use std::path::{Path, PathBuf};

use crate::content::Content;
use crate::image::Digest;
use crate::import::{self, BadLines, PLAIN_FILES, ReadError, ReadReport, Source};
use crate::progress::OnProgress;

/// Why a knowledge base cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is nothing in it that could be one.
    #[error("`{}` is no knowledge base: it has no `facts.tsv`", .0.display())]
    NotAKnowledgeBase(PathBuf),
    /// A file of it cannot be read or understood.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The files of a plain folder that are there.
fn plain_sources(dir: &Path) -> Result<Vec<Source>, FolderError> {
    let sources = PLAIN_FILES.map(|(name, format)| Source::new(dir.join(name), format));
    if !sources[0].path.is_file() {
        return Err(FolderError::NotAKnowledgeBase(dir.to_owned()));
    }
    Ok(sources.into_iter().filter(|source| source.path.exists()).collect())
}

/// Reads a plain folder.
pub(crate) fn read(
    dir: &Path,
    bad_lines: BadLines,
    progress: OnProgress<'_>,
) -> Result<(Content, ReadReport, Digest), FolderError> {
    let mut content = Content::default();
    let mut report = ReadReport::default();
    let mut whole = blake3::Hasher::new();
    for source in plain_sources(dir)? {
        let digest = import::read(&source, bad_lines, &mut content, &mut report, progress)?;
        combine(&mut whole, &source, &digest);
    }
    Ok((content, report, *whole.finalize().as_bytes()))
}

/// The digest that `read` would return, without understanding what it reads.
pub(crate) fn digest(dir: &Path) -> Result<Digest, FolderError> {
    let mut whole = blake3::Hasher::new();
    for source in plain_sources(dir)? {
        combine(&mut whole, &source, &import::digest(&source)?);
    }
    Ok(*whole.finalize().as_bytes())
}

fn combine(whole: &mut blake3::Hasher, source: &Source, digest: &Digest) {
    whole.update(&[source.format as u8]).update(digest);
}
