//! Where `cargo xtask setup` has put the model and the library, and one model loaded for all tests of this binary.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use find_facts_engine_onnx::{MiniLm, MiniLmFiles, MiniLmOptions};

/// The model, loaded once: a second copy would cost another 90 MB.
pub(crate) static MINILM: LazyLock<MiniLm> =
    LazyLock::new(|| MiniLm::load(&model_files(), &runtime(), options()).unwrap());

pub(crate) fn options() -> MiniLmOptions {
    MiniLmOptions::for_cores(NonZeroUsize::MIN)
}

pub(crate) fn model_files() -> MiniLmFiles {
    let snapshot = home().join("models/models--sentence-transformers--all-MiniLM-L6-v2/snapshots/main");
    let file = |name: &str| present(snapshot.join(name));
    MiniLmFiles {
        model: file("model.onnx"),
        tokenizer: file("tokenizer.json"),
        config: file("config.json"),
        special_tokens_map: file("special_tokens_map.json"),
        tokenizer_config: file("tokenizer_config.json"),
    }
}

pub(crate) fn runtime() -> PathBuf {
    present(home().join("onnxruntime/libonnxruntime.so.1.31.1"))
}

fn home() -> PathBuf {
    std::env::var_os("FIND_FACTS_HOME")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.find-facts"), PathBuf::from)
}

fn present(path: PathBuf) -> PathBuf {
    assert!(path.exists(), "`{}` is missing; run `cargo xtask setup`", path.display());
    path
}
