//! MiniLM from the machine's own files, with a memory on disk: learning asks for the same vectors again and again.

use std::collections::HashMap;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use find_facts_core::{Deadline, Embedder, EngineError};
use find_facts_engine_onnx::{MiniLm, MiniLmFiles, MiniLmOptions};

/// Loads the model from a folder of models as `xtask setup` fills it.
pub fn load(home: &Path) -> Result<Arc<dyn Embedder>> {
    let runtime = first_in(&home.join("onnxruntime"))?;
    let snapshots = home.join("models/models--sentence-transformers--all-MiniLM-L6-v2/snapshots");
    let snapshot = first_in(&snapshots)?;
    let file = |name: &str| snapshot.join(name);
    let files = MiniLmFiles {
        model: file("model.onnx"),
        tokenizer: file("tokenizer.json"),
        config: file("config.json"),
        special_tokens_map: file("special_tokens_map.json"),
        tokenizer_config: file("tokenizer_config.json"),
    };
    let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    Ok(Arc::new(MiniLm::load(&files, &runtime, MiniLmOptions::for_cores(cores))?))
}

fn first_in(folder: &Path) -> Result<PathBuf> {
    let missing = || format!("`{}` has no model file; `cargo xtask setup` gets them", folder.display());
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).with_context(missing)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    entries.into_iter().next().with_context(missing)
}

/// An embedder that remembers every vector it was asked for, here and in a file.
pub struct Remembering {
    inner: Arc<dyn Embedder>,
    path: PathBuf,
    known: Mutex<HashMap<String, Vec<f32>>>,
}

impl Remembering {
    /// Goes on from what the file remembers.
    pub fn new(inner: Arc<dyn Embedder>, path: PathBuf) -> Self {
        let known = Mutex::new(read(&path, inner.dimensions()).unwrap_or_default());
        Self { inner, path, known }
    }

    /// Writes everything that is remembered.
    pub fn save(&self) -> Result<()> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = Vec::new();
        for (text, vector) in known.iter() {
            bytes.extend((text.len() as u32).to_le_bytes());
            bytes.extend(text.as_bytes());
            bytes.extend(vector.iter().flat_map(|x| x.to_le_bytes()));
        }
        Ok(fs::write(&self.path, bytes)?)
    }
}

fn read(path: &Path, dimensions: usize) -> Option<HashMap<String, Vec<f32>>> {
    let bytes = fs::read(path).ok()?;
    let mut known = HashMap::new();
    let mut rest = bytes.as_slice();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (text, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let (vector, after) = after.split_at_checked(dimensions * 4)?;
        let vector = vector.chunks_exact(4).map(|x| f32::from_le_bytes([x[0], x[1], x[2], x[3]])).collect();
        known.insert(String::from_utf8(text.to_vec()).ok()?, vector);
        rest = after;
    }
    Some(known)
}

impl Embedder for Remembering {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn fingerprint(&self) -> &str {
        self.inner.fingerprint()
    }

    fn dimensions(&self) -> usize {
        self.inner.dimensions()
    }

    fn embed(&self, texts: &[&str], deadline: &Deadline) -> Result<Vec<Vec<f32>>, EngineError> {
        let known =
            |text: &&str| self.known.lock().unwrap_or_else(PoisonError::into_inner).get(*text).cloned();
        let found: Vec<Option<Vec<f32>>> = texts.iter().map(known).collect();
        let missing: Vec<&str> =
            texts.iter().zip(&found).filter(|(_, vector)| vector.is_none()).map(|(text, _)| *text).collect();
        let mut new = self.inner.embed(&missing, deadline)?.into_iter();
        let mut memory = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for text in missing {
            if let Some(vector) = new.next() {
                memory.insert(text.to_owned(), vector);
            }
        }
        Ok(texts.iter().filter_map(|text| memory.get(*text).cloned()).collect())
    }
}
