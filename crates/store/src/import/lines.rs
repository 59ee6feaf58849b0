//! The lines of a file, one in memory at a time, and the digest of all that was read.
//! Line ends are `\n` or `\r\n`; a byte order mark at the beginning is not text.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::LineError;
use crate::image::Digest;

/// A file being read.
pub(super) struct Lines {
    reader: BufReader<File>,
    line: Vec<u8>,
    number: u64,
    bytes: u64,
    total: u64,
    hasher: blake3::Hasher,
}

/// Large enough that the digest runs at its full speed.
const BUFFER: usize = 256 * 1024;

impl Lines {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let total = file.metadata()?.len();
        let reader = BufReader::with_capacity(BUFFER, file);
        Ok(Self { reader, line: Vec::new(), number: 0, bytes: 0, total, hasher: blake3::Hasher::new() })
    }

    /// Goes on to the next line; `false` at the end.
    pub(super) fn advance(&mut self) -> io::Result<bool> {
        self.line.clear();
        let read = self.reader.read_until(b'\n', &mut self.line)?;
        self.hasher.update(&self.line);
        self.bytes += read as u64;
        self.number += 1;
        Ok(read > 0)
    }

    /// The line without its end.
    pub(super) fn text(&self) -> Result<&str, LineError> {
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = if self.number == 1 { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
        std::str::from_utf8(line).map_err(|_| LineError::NotUtf8)
    }

    /// The line's number, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Bytes read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes there were when the file was opened.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The digest of the bytes read so far.
    pub(super) fn digest(&self) -> Digest {
        *self.hasher.finalize().as_bytes()
    }
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
