//! Attaching the ONNX Runtime library to this process, once, without ever letting the binding load one by itself:
//! that would panic where it finds none.

use std::path::{Path, PathBuf};

use crate::error::LoadError;

/// Loads the library unless one is loaded already; a process has one. Gives its real path.
pub(crate) fn attach(library: &Path) -> Result<PathBuf, LoadError> {
    let missing = |_| LoadError::RuntimeMissing { path: library.to_owned() };
    // An absolute path: a relative one would be searched beside the executable and in the system's folders.
    let path = library.canonicalize().map_err(missing)?;
    match ort::init_from(&path) {
        Ok(_settings) => Ok(path),
        Err(source) => Err(LoadError::RuntimeMismatch { path, source }),
    }
}
