//! Vectors of wordings, kept in a file by their text: made once, whatever becomes of the knowledge base.
//! A file that is damaged, or of another model, is told and made anew; it is never read in part.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use find_facts_core::{Deadline, Embedder};
use rustc_hash::FxHashMap;

use crate::setup::{Progress, SetupError, SetupEvent};

const MAGIC: &[u8; 8] = b"ff-word1";
const DIGEST: usize = 32;
const KEY: usize = 16;
/// Texts embedded at a time: a deadline is looked at between two batches.
const BATCH: usize = 64;

type Key = [u8; KEY];

/// Why a file of vectors is not used.
#[derive(Debug, thiserror::Error)]
pub enum VectorsRefused {
    /// It cannot be read.
    #[error("`{path}` could not be read", path = path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is cut short, changed or no such file at all.
    #[error("`{path}` is damaged", path = path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// Another model made it.
    #[error("`{path}` was made by another model", path = path.display())]
    OtherModel {
        /// Which file.
        path: PathBuf,
    },
}

/// Why a file of vectors could not be written.
#[derive(Debug, thiserror::Error)]
#[error("`{path}` could not be written", path = path.display())]
pub struct VectorsUnsaved {
    /// Which file.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// Vectors by text.
#[derive(Default)]
struct Known(FxHashMap<Key, Vec<f32>>);

/// One vector per text, in order, taken from the file where it has them; the file then has them all, if it can be written.
pub(crate) fn vectors_of(
    texts: &[&str],
    embedder: &dyn Embedder,
    path: Option<&Path>,
    event: &dyn Fn(SetupEvent),
    deadline: &Deadline,
) -> Result<Vec<Vec<f32>>, SetupError> {
    let mut known = path.map(|path| open(path, embedder, event)).unwrap_or_default();
    let missing: Vec<&str> =
        texts.iter().copied().filter(|text| !known.0.contains_key(&key_of(text))).collect();
    for (at, batch) in missing.chunks(BATCH).enumerate() {
        event(SetupEvent::Embedding(Progress { done: at * BATCH, total: missing.len() }));
        let vectors = embedder.embed(batch, deadline)?;
        known.0.extend(batch.iter().map(|text| key_of(text)).zip(vectors));
    }
    if let Some(path) = path.filter(|_| !missing.is_empty())
        && let Err(source) = write(path, embedder, &known, texts)
    {
        event(SetupEvent::VectorsUnsaved(VectorsUnsaved { path: path.to_owned(), source }));
    }
    texts.iter().map(|text| known.0.get(&key_of(text)).cloned().ok_or(SetupError::TooFewVectors)).collect()
}

fn key_of(text: &str) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..KEY]);
    key
}

fn open(path: &Path, embedder: &dyn Embedder, event: &dyn Fn(SetupEvent)) -> Known {
    match read(path, embedder) {
        Ok(known) => known,
        Err(VectorsRefused::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Known::default()
        }
        Err(refused) => {
            event(SetupEvent::VectorsRefused(refused));
            Known::default()
        }
    }
}

fn read(path: &Path, embedder: &dyn Embedder) -> Result<Known, VectorsRefused> {
    let path_buf = || path.to_owned();
    let bytes = fs::read(path).map_err(|source| VectorsRefused::Io { path: path_buf(), source })?;
    let damaged = || VectorsRefused::Damaged { path: path_buf() };
    let (body, digest) = bytes.len().checked_sub(DIGEST).map(|at| bytes.split_at(at)).ok_or_else(damaged)?;
    if blake3::hash(body).as_bytes() != digest {
        return Err(damaged());
    }
    let rest = body.strip_prefix(MAGIC).ok_or_else(damaged)?;
    let (model, rows) = rest.split_at_checked(DIGEST).ok_or_else(damaged)?;
    if model != model_of(embedder) {
        return Err(VectorsRefused::OtherModel { path: path_buf() });
    }
    let row = KEY + 4 * embedder.dimensions();
    if rows.len() % row != 0 {
        return Err(damaged());
    }
    let parse = |row: &[u8]| {
        let (key, values) = row.split_at(KEY);
        let mut out = Key::default();
        out.copy_from_slice(key);
        let value = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        (out, values.chunks_exact(4).map(value).collect())
    };
    Ok(Known(rows.chunks_exact(row).map(parse).collect()))
}

/// The model and the length of its vectors.
fn model_of(embedder: &dyn Embedder) -> [u8; DIGEST] {
    let text = format!("{}\n{}", embedder.fingerprint(), embedder.dimensions());
    *blake3::hash(text.as_bytes()).as_bytes()
}

/// Writes what the knowledge base needs beside the old file, then takes its place.
fn write(path: &Path, embedder: &dyn Embedder, known: &Known, texts: &[&str]) -> io::Result<()> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&model_of(embedder));
    let mut keys: Vec<Key> = texts.iter().map(|text| key_of(text)).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        if let Some(vector) = known.0.get(&key) {
            bytes.extend_from_slice(&key);
            bytes.extend(vector.iter().flat_map(|value| value.to_le_bytes()));
        }
    }
    let digest = blake3::hash(&bytes);
    bytes.extend_from_slice(digest.as_bytes());
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let replace = || -> io::Result<()> {
        let mut file = fs::File::create(&new)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    // What a full disk cut short would keep it full.
    replace().inspect_err(|_| drop(fs::remove_file(&new)))
}
