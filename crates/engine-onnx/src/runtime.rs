//! Attaching the ONNX Runtime library to this process, once, without ever letting the binding load one by itself:
//! that would panic where it finds none.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::error::LoadError;

/// Loads the library unless one is loaded already; a process has one. Gives its real path.
pub(crate) fn attach(library: &Path) -> Result<PathBuf, LoadError> {
    let missing = |_| LoadError::RuntimeMissing { path: library.to_owned() };
    // An absolute path: a relative one would be searched beside the executable and in the system's folders.
    let path = library.canonicalize().map_err(missing)?;
    must_be_whole(&path)?;
    match ort::init_from(&path) {
        Ok(_settings) => Ok(path),
        Err(source) => Err(LoadError::RuntimeMismatch { path, source }),
    }
}

/// The system's loader maps a library without looking at the file's length; the process dies when it touches what is missing.
fn must_be_whole(library: &Path) -> Result<(), LoadError> {
    match lengths(library) {
        Ok((length, Some(announced))) if length < announced => {
            Err(LoadError::RuntimeCutShort { path: library.to_owned(), length, announced })
        }
        // Whatever else is wrong with it, the loader says.
        _ => Ok(()),
    }
}

/// A file's length, and the one that its own header speaks of.
fn lengths(file: &Path) -> io::Result<(u64, Option<u64>)> {
    let mut file = File::open(file)?;
    let mut header = Vec::new();
    file.by_ref().take(ELF_HEADER).read_to_end(&mut header)?;
    Ok((file.metadata()?.len(), announced_length(&header)))
}

/// The length of the header of an ELF file of 64 bits.
const ELF_HEADER: u64 = 64;

/// Where the table of sections ends, which linkers put last. Of other formats nothing is known.
fn announced_length(header: &[u8]) -> Option<u64> {
    if !header.starts_with(b"\x7fELF\x02") {
        return None;
    }
    let half = |at: usize| Some(u16::from_ne_bytes(header.get(at..at + 2)?.try_into().ok()?));
    let start = u64::from_ne_bytes(header.get(0x28..0x30)?.try_into().ok()?);
    let (entry, count) = (half(0x3a)?, half(0x3c)?);
    start.checked_add(u64::from(entry) * u64::from(count))
}
