//! One line of a journal: a JSON object whose checksum covers its content and the checksum of the line before, so that a
//! changed, missing or moved line is noticed.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::Entry;

/// The version of the format. A program reads its own and every older one, and refuses newer ones.
pub const VERSION: u32 = 1;

const HEAD: &str = r#"{"sum":""#;
const MIDDLE: &str = r#"","line":"#;
/// 128 bits of BLAKE3, in hexadecimal.
const SUM_LENGTH: usize = 32;

/// An entry as it stands in a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Version of the format.
    pub v: u32,
    /// The line's number, from 1.
    pub n: usize,
    /// When it was written, unix milliseconds.
    pub time_ms: u64,
    /// What it says.
    pub entry: Entry,
}

/// The checksum of a line; the next one continues from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sum(String);

impl Sum {
    fn after(&self, content: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.0.as_bytes());
        hasher.update(content.as_bytes());
        Self(hasher.finalize().to_hex().as_str()[..SUM_LENGTH].to_owned())
    }
}

/// The text of a line, newline included, and its checksum.
pub(super) fn encode(
    n: usize,
    time: SystemTime,
    entry: &Entry,
    before: &Sum,
) -> Result<(String, Sum), serde_json::Error> {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let time_ms = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
    let content = serde_json::to_string(&Line { v: VERSION, n, time_ms, entry: entry.clone() })?;
    let sum = before.after(&content);
    Ok((format!("{HEAD}{}{MIDDLE}{content}}}\n", sum.0), sum))
}

/// The line of a text without its newline, or what is wrong with it.
pub(super) fn decode(text: &str, n: usize, before: &Sum) -> Result<(Line, Sum), String> {
    let (sum, content) = split(text).ok_or("not a journal line")?;
    let expected = before.after(content);
    if sum != expected.0 {
        return Err("its checksum does not fit: it was changed, or a line before it is missing".to_owned());
    }
    let version: Version = serde_json::from_str(content).map_err(|error| error.to_string())?;
    if version.v > VERSION {
        return Err(format!("its format `{}` is newer than this program's, {VERSION}", version.v));
    }
    let line: Line = serde_json::from_str(content).map_err(|error| error.to_string())?;
    if line.n != n {
        return Err(format!("it calls itself line {}", line.n));
    }
    Ok((line, expected))
}

/// Whether a line begins inside of these bytes: then they were not torn off while one line was written, but the end of a
/// line before was damaged. Inside of a line its quotation marks are escaped.
pub(super) fn holds_another(bytes: &[u8]) -> bool {
    bytes.windows(HEAD.len()).skip(1).any(|window| window == HEAD.as_bytes())
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

fn split(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix(HEAD)?;
    let (sum, rest) = rest.split_at_checked(SUM_LENGTH)?;
    Some((sum, rest.strip_prefix(MIDDLE)?.strip_suffix('}')?))
}
