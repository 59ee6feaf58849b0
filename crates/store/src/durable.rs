//! Files that appear whole or not at all: written beside, synced, then renamed over what was there; and their digests.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The name under which a file is written until it is whole. What a killed program has left there is written over.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// Takes away a file that could not be made whole: on a full disk, what it holds is what everything else lacks.
pub(crate) fn or_discard<T, E>(unfinished: &Path, made: Result<T, E>) -> Result<T, E> {
    if made.is_err() {
        // The error is what went wrong before; a file that stays is written over by the next attempt.
        let _ = fs::remove_file(unfinished);
    }
    made
}

/// Puts a whole, synced file in the place of another one.
pub(crate) fn publish(unfinished: &Path, path: &Path) -> io::Result<()> {
    fs::rename(unfinished, path)?;
    sync_folder_of(path)
}

/// The digest of a file's bytes.
pub(crate) fn digest(path: &Path) -> io::Result<[u8; 32]> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(*hasher.finalize().as_bytes())
}

/// Makes names in the folder of this file durable.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}
