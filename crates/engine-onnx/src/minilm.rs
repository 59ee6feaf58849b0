//! MiniLM-L6-v2 as an [`Embedder`]: mean pooling, unit length, at most [`BATCH`] texts to a run.
//!
//! The catalogue's model stores its weights as int8 and computes in f32, so that a text's vector does not depend on the
//! texts beside it (cosine 0.999999; a test guards it). A dynamically quantised export would need one text to a run.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use fastembed::{
    InitOptionsUserDefined, Pooling, QuantizationMode, TextEmbedding, TokenizerFiles,
    UserDefinedEmbeddingModel,
};
use find_facts_core::{Deadline, Embedder, EngineError};

use crate::error::LoadError;
use crate::memory;
use crate::pool::Pool;
use crate::runtime;

/// The length of every vector.
pub const DIMENSIONS: usize = 384;

const NAME: &str = "all-MiniLM-L6-v2";

/// Names and short questions; the model was trained on up to 128 and slows down with the square.
const MAX_TOKENS: usize = 64;

/// A text is cut here before it is tokenised: more bytes than this are more than `MAX_TOKENS` tokens in any text that
/// means something, and tokenising a mebibyte would outlast every deadline.
const MAX_BYTES: usize = 4096;

/// Texts in one run. Four already give 1.7 times the texts per second of one, eight hardly more; and a request that
/// waits behind a long list, or a deadline in its middle, waits for one run: about 10 ms.
const BATCH: usize = 4;

/// Weights that are stored as int8 are f32 in memory.
const WIDENED: u64 = 4;

/// The files of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MiniLmFiles {
    /// Weights, `model.onnx`.
    pub model: PathBuf,
    /// `tokenizer.json`.
    pub tokenizer: PathBuf,
    /// `config.json`.
    pub config: PathBuf,
    /// `special_tokens_map.json`.
    pub special_tokens_map: PathBuf,
    /// `tokenizer_config.json`.
    pub tokenizer_config: PathBuf,
}

/// How much of the machine the model may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MiniLmOptions {
    /// How many runs go on at the same time. Each costs a copy of the weights, 90 MB.
    pub sessions: NonZeroUsize,
    /// Threads that share the work of one run.
    pub threads_per_session: NonZeroUsize,
}

impl MiniLmOptions {
    /// Two threads to a session (a third has nothing left to do on a short text), and no more than four sessions:
    /// most queries never reach the model.
    pub fn for_cores(cores: NonZeroUsize) -> Self {
        let at_least_one = |n: usize| NonZeroUsize::new(n).unwrap_or(NonZeroUsize::MIN);
        Self {
            sessions: at_least_one((cores.get() / 2).min(4)),
            threads_per_session: at_least_one(cores.get().min(2)),
        }
    }
}

/// The loaded model.
pub struct MiniLm {
    sessions: Pool<TextEmbedding>,
    fingerprint: String,
}

impl MiniLm {
    /// What the weights take of memory at least, in bytes, for a look at whether they fit before they are loaded.
    pub fn memory_needed(files: &MiniLmFiles, options: MiniLmOptions) -> Result<u64, LoadError> {
        let weights = fs::metadata(&files.model)
            .map_err(|source| LoadError::File { path: files.model.clone(), source })?
            .len();
        Ok(weights.saturating_mul(WIDENED).saturating_mul(options.sessions.get() as u64))
    }

    /// Loads the library `runtime` if this process has none yet, then the model, and tries it on one text.
    pub fn load(files: &MiniLmFiles, runtime: &Path, options: MiniLmOptions) -> Result<Self, LoadError> {
        let library = runtime::attach(runtime)?;
        let contents = Contents::read(files)?;
        let fingerprint = contents.fingerprint(&library);
        let mut sessions = (0..options.sessions.get())
            .map(|_| contents.session(options.threads_per_session))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|source| LoadError::Model { path: files.model.clone(), source })?;
        for session in &mut sessions {
            probe(session, &files.model)?;
        }
        memory::give_back();
        Ok(Self { sessions: Pool::new(sessions), fingerprint })
    }
}

impl Embedder for MiniLm {
    fn name(&self) -> &str {
        NAME
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn embed(&self, texts: &[&str], deadline: &Deadline) -> Result<Vec<Vec<f32>>, EngineError> {
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in texts.chunks(BATCH) {
            // Borrowed anew for each run, so that a long list lets others through.
            let mut session = self.sessions.take(deadline)?;
            vectors.append(&mut run(&mut session, batch)?);
        }
        Ok(vectors)
    }
}

fn run(session: &mut TextEmbedding, texts: &[&str]) -> Result<Vec<Vec<f32>>, EngineError> {
    let cut: Vec<&str> = texts.iter().map(|text| &text[..text.floor_char_boundary(MAX_BYTES)]).collect();
    let failed = |source| EngineError::Failed { engine: NAME.to_owned(), source };
    let vectors = session.embed(&cut, None).map_err(|error| failed(Box::new(error)))?;
    if vectors.len() != texts.len() {
        return Err(failed(format!("{} vectors for {} texts", vectors.len(), texts.len()).into()));
    }
    Ok(vectors)
}

/// Holds the model to what it claims to be before the first request does.
fn probe(session: &mut TextEmbedding, path: &Path) -> Result<(), LoadError> {
    let vectors = session
        .embed(["Albert Einstein"], None)
        .map_err(|source| LoadError::Model { path: path.to_owned(), source })?;
    let found = match vectors.as_slice() {
        [vector] if vector.iter().any(|x| !x.is_finite()) => "numbers that are not finite".to_owned(),
        [vector] if vector.len() == DIMENSIONS => return Ok(()),
        [vector] => format!("{} numbers", vector.len()),
        vectors => format!("{} vectors", vectors.len()),
    };
    Err(LoadError::NotMiniLm { path: path.to_owned(), found, expected: DIMENSIONS })
}

/// What stands in the files, read once for all sessions.
struct Contents {
    model: Vec<u8>,
    tokenizer: TokenizerFiles,
}

impl Contents {
    fn read(files: &MiniLmFiles) -> Result<Self, LoadError> {
        let read =
            |path: &PathBuf| fs::read(path).map_err(|source| LoadError::File { path: path.clone(), source });
        Ok(Self {
            model: read(&files.model)?,
            tokenizer: TokenizerFiles {
                tokenizer_file: read(&files.tokenizer)?,
                config_file: read(&files.config)?,
                special_tokens_map_file: read(&files.special_tokens_map)?,
                tokenizer_config_file: read(&files.tokenizer_config)?,
            },
        })
    }

    fn session(&self, threads: NonZeroUsize) -> Result<TextEmbedding, fastembed::Error> {
        let model = UserDefinedEmbeddingModel::new(self.model.clone(), self.tokenizer.clone())
            .with_pooling(Pooling::Mean)
            .with_quantization(QuantizationMode::None);
        let options = InitOptionsUserDefined::new()
            .with_max_length(MAX_TOKENS)
            .with_intra_threads(threads.get())
            // A spinning thread takes a core from the requests that need no model.
            .with_session_config("session.intra_op.allow_spinning", "0");
        TextEmbedding::try_new_from_user_defined(model, options)
    }

    /// Everything the vectors depend on: weights, tokenizer, pooling, limits, and the library's version, with which its
    /// file name ends.
    fn fingerprint(&self, library: &Path) -> String {
        let tokenizer = &self.tokenizer;
        let mut hash = blake3::Hasher::new();
        for part in [
            &self.model,
            &tokenizer.tokenizer_file,
            &tokenizer.config_file,
            &tokenizer.special_tokens_map_file,
            &tokenizer.tokenizer_config_file,
        ] {
            hash.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        let version = library.file_name().unwrap_or_default().to_string_lossy();
        format!("{NAME}:{}:mean:{MAX_TOKENS}:{version}", &hash.finalize().to_hex()[..16])
    }
}
