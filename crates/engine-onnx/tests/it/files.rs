//! Where set-up has put the model and the library, and one model loaded for all tests of this binary.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use find_facts_engine_onnx::{MiniLm, MiniLmFiles, MiniLmOptions};
use find_facts_models::{Catalogue, Home, Located, locate};

/// The model, loaded once: a second copy would cost another 90 MB.
pub(crate) static MINILM: LazyLock<MiniLm> =
    LazyLock::new(|| MiniLm::load(&model_files(), &runtime(), options()).unwrap());

pub(crate) fn options() -> MiniLmOptions {
    MiniLmOptions::for_cores(NonZeroUsize::MIN)
}

pub(crate) fn model_files() -> MiniLmFiles {
    let located = located("minilm");
    let file = |name: &str| located.file(name).unwrap();
    MiniLmFiles {
        model: file("model.onnx"),
        tokenizer: file("tokenizer.json"),
        config: file("config.json"),
        special_tokens_map: file("special_tokens_map.json"),
        tokenizer_config: file("tokenizer_config.json"),
    }
}

pub(crate) fn runtime() -> PathBuf {
    located("onnxruntime").files.into_values().next().unwrap()
}

fn located(id: &str) -> Located {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root =
        std::env::var_os("FIND_FACTS_HOME").map_or_else(|| workspace.join(".find-facts"), PathBuf::from);
    let catalogue = Catalogue::read(&workspace.join("deploy-plans/models.toml")).unwrap();
    let located = locate(&Home::new(root, None), &catalogue, id);
    located.unwrap_or_else(|error| panic!("{error}; {}", error.hint().unwrap_or_default()))
}
