//! What a GGUF file says of itself, held against the file before llama.cpp sees it.
//!
//! llama.cpp trusts much of a header: what it does not expect may end the process. Nothing here allocates by a number
//! that the file gives.

mod check;
mod read;

use std::collections::BTreeMap;
use std::fs::{self, File, FileType};
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

pub use read::Fault;

/// A header that the file can keep.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) values: BTreeMap<String, Value>,
    pub(crate) tensors: Vec<Tensor>,
    /// Where the header ends: the weights begin at the next multiple of the file's alignment.
    pub(crate) length: u64,
}

/// A value of the metadata. Of a list only what a check needs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Whole(i128),
    Float(f64),
    Text(String),
    List { kind: u32, length: u64, greatest: Option<i128>, least: Option<i128> },
}

/// Where a tensor lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<u64>,
    /// As ggml numbers its types.
    pub(crate) kind: u32,
    /// From the beginning of the weights.
    pub(crate) offset: u64,
}

/// Reads and checks the header of `path`; gives it with the file's length.
pub(crate) fn inspect(path: &Path) -> Result<(Header, u64), Fault> {
    let metadata = fs::metadata(path)?;
    // Looked at before it is opened: that of a FIFO waits for somebody to write into it.
    if !metadata.is_file() {
        return Err(Fault::NotAFile(kind(metadata.file_type())));
    }
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let header = read::header(io::BufReader::with_capacity(1 << 16, file), length)?;
    check::header(&header, length)?;
    Ok((header, length))
}

/// What stands there instead of a file.
fn kind(of: FileType) -> &'static str {
    if of.is_dir() {
        "a folder"
    } else if of.is_fifo() {
        "a FIFO"
    } else if of.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}
