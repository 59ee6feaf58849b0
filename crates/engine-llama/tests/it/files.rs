//! Where set-up has put the real model, and models of the tests' own making.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use find_facts_core::{Deadline, Prompt, SystemClock};
use find_facts_engine_llama::{Llama, LlamaOptions};
use find_facts_models::{Catalogue, Home, locate};
use find_facts_testkit::gguf::tiny_model;
use tempfile::TempDir;

/// SmolLM2-135M-Instruct, loaded once.
pub(crate) static SMOL: LazyLock<Llama> = LazyLock::new(|| Llama::load(&options(&smol_file())).unwrap());

/// A small model with random weights, loaded once. What holds exactly is shown with it: between quantised weights all numbers
/// are rounded to eight bits, so that the order of sums, which depends on what else is read in the same step, shows.
pub(crate) static TINY: LazyLock<Llama> = LazyLock::new(|| {
    let tiny = Tiny::new();
    Llama::load(&options(&tiny.file)).unwrap()
});

pub(crate) fn smol_file() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root =
        std::env::var_os("FIND_FACTS_HOME").map_or_else(|| workspace.join(".find-facts"), PathBuf::from);
    let catalogue = Catalogue::read(&workspace.join("deploy-plans/models.toml")).unwrap();
    let located = locate(&Home::new(root, None), &catalogue, "smollm2-135m-instruct");
    let located = located.unwrap_or_else(|error| panic!("{error}; {}", error.hint().unwrap_or_default()));
    located.files.into_values().next().unwrap()
}

pub(crate) fn options(file: &Path) -> LlamaOptions {
    LlamaOptions { name: "test".to_owned(), file: file.to_owned(), threads: NonZeroUsize::MIN }
}

/// A small model in a folder of its own.
pub(crate) struct Tiny {
    pub(crate) folder: TempDir,
    pub(crate) file: PathBuf,
}

impl Tiny {
    pub(crate) fn of(content: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tiny.gguf");
        std::fs::write(&file, content).unwrap();
        Self { folder, file }
    }

    pub(crate) fn new() -> Self {
        Self::of(&tiny_model(1))
    }
}

pub(crate) fn prompt<'a>(system: &'a str, user: &'a str, reply: &'a str) -> Prompt<'a> {
    Prompt { system, user, reply }
}

/// Whether two logarithms of the small model, whose weights are not quantised, are the same but for the half precision of the cache.
pub(crate) fn alike(one: f32, other: f32) -> bool {
    (one - other).abs() <= 0.001 * one.abs().max(1.0)
}

/// Long enough for anything on a busy machine, short enough for a test that hangs.
pub(crate) fn patience() -> Deadline {
    Deadline::after(Duration::from_secs(120), Arc::new(SystemClock))
}
