//! The journal's file. An entry is durable when `append` returns; a torn last line was never acknowledged and is dropped.
//! One process at a time has it open for writing.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::line::{Line, Sum, decode, encode, holds_another};
use super::{Entry, JournalError};
use crate::ports::RunLog;

/// A journal that is open for writing.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    lines: usize,
    sum: Sum,
}

impl Journal {
    /// Opens a journal, or begins one, and gives what stands in it.
    pub fn open(path: &Path) -> Result<(Self, Vec<Line>), JournalError> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(io("open", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(io("lock", path)(source)),
        }
        let content = read(path)?;
        // Whatever follows the last good line was torn off while it was written.
        file.set_len(content.good_bytes).map_err(io("truncate", path))?;
        file.sync_all().map_err(io("sync", path))?;
        sync_folder(path)?;
        let journal = Self { file, path: path.to_owned(), lines: content.lines.len(), sum: content.sum };
        Ok((journal, content.lines))
    }

    /// What stands in a journal that another process may be writing.
    pub fn look(path: &Path) -> Result<Vec<Line>, JournalError> {
        read(path).map(|content| content.lines)
    }
}

impl RunLog for Journal {
    fn append(&mut self, time: SystemTime, entry: &Entry) -> Result<(), JournalError> {
        use std::io::Seek;
        let corrupt = |error: serde_json::Error| JournalError::Corrupt {
            path: self.path.clone(),
            line: self.lines + 1,
            reason: error.to_string(),
        };
        let (text, sum) = encode(self.lines + 1, time, entry, &self.sum).map_err(corrupt)?;
        self.file.seek(std::io::SeekFrom::End(0)).map_err(io("seek in", &self.path))?;
        self.file.write_all(text.as_bytes()).map_err(io("write to", &self.path))?;
        self.file.sync_data().map_err(io("sync", &self.path))?;
        self.lines += 1;
        self.sum = sum;
        Ok(())
    }
}

struct Content {
    lines: Vec<Line>,
    sum: Sum,
    good_bytes: u64,
}

fn read(path: &Path) -> Result<Content, JournalError> {
    let bytes = std::fs::read(path).map_err(io("read", path))?;
    let mut content = Content { lines: Vec::new(), sum: Sum::default(), good_bytes: 0 };
    let mut pieces = bytes.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(piece) = pieces.next() {
        let line = content.lines.len() + 1;
        let decoded = std::str::from_utf8(piece)
            .map_err(|error| error.to_string())
            .and_then(|text| text.strip_suffix('\n').ok_or_else(|| "it has no end".to_owned()))
            .and_then(|text| decode(text, line, &content.sum));
        match decoded {
            Ok((decoded, sum)) => {
                content.lines.push(decoded);
                content.sum = sum;
                content.good_bytes += piece.len() as u64;
            }
            Err(_) if pieces.peek().is_none() && !holds_another(piece) => break,
            Err(reason) => return Err(JournalError::Corrupt { path: path.to_owned(), line, reason }),
        }
    }
    Ok(content)
}

/// Makes the folder's own entry for the file durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), JournalError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io("sync", folder))
}

pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> JournalError {
    move |source| JournalError::Io { what, path: path.to_owned(), source }
}
