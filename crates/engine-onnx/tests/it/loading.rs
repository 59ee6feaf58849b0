//! Whatever is wrong with the library or the model is an error with a way to mend it. A process attaches one library
//! for good, so each library is tried in a process of its own: this binary, started again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use find_facts_engine_onnx::{LoadError, MiniLm, MiniLmFiles};

use crate::files::{model_files, options, runtime};

const LIBRARY: &str = "LIBRARY_TO_TRY";

/// Not a test of its own: what `check_library` starts.
#[test]
#[ignore = "started by the tests of this file"]
fn try_library() {
    let library = PathBuf::from(std::env::var_os(LIBRARY).unwrap());
    match MiniLm::load(&model_files(), &library, options()) {
        Ok(_) => println!("loaded"),
        Err(error) => println!("{}; {}; hint: {}", error, chain(&error), error.hint()),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

fn check_library(library: &Path, expected: &[&str]) {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "loading::try_library", "--ignored", "--nocapture"])
        .env(LIBRARY, library)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
    for text in expected {
        assert!(said.contains(text), "`{text}` is not in: {said}");
    }
}

#[test]
fn the_library_of_the_setup_loads() {
    check_library(&runtime(), &["loaded"]);
}

#[test]
fn a_missing_library_is_an_error_with_the_way_to_get_it() {
    check_library(Path::new("/nowhere/libonnxruntime.so"), &["/nowhere", "is missing", "cargo xtask setup"]);
}

#[test]
fn a_file_that_is_no_library_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("libonnxruntime.so.1.31.1");
    for content in ["", "not a library"] {
        fs::write(&path, content).unwrap();
        check_library(&path, &["cannot be used", "cargo xtask setup"]);
    }
}

#[test]
fn a_truncated_library_is_an_error_and_not_the_end_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("libonnxruntime.so.1.31.1");
    let whole = fs::read(runtime()).unwrap();
    for length in [16, 64, 4096, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let reason = if length < 64 { "cannot be used" } else { "is cut short" };
        check_library(&path, &[reason, "cargo xtask setup"]);
    }
}

#[test]
fn another_library_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let other = compile(folder.path(), "#[unsafe(no_mangle)] pub extern \"C\" fn other() {}");
    check_library(&other, &["cannot be used", "OrtGetApiBase", "cargo xtask setup"]);
}

#[test]
fn an_older_version_is_an_error_that_names_both() {
    let folder = tempfile::tempdir().unwrap();
    let old = compile(folder.path(), OLD_RUNTIME);
    check_library(&old, &["cannot be used", "1.18.0", "1.24", "cargo xtask setup"]);
}

/// As much of an ONNX Runtime as tells its version.
const OLD_RUNTIME: &str = r#"
    use std::ffi::{c_char, c_void};
    #[repr(C)] pub struct Base { get_api: extern "C" fn(u32) -> *const c_void, version: extern "C" fn() -> *const c_char }
    extern "C" fn get_api(_: u32) -> *const c_void { std::ptr::null() }
    extern "C" fn version() -> *const c_char { c"1.18.0".as_ptr() }
    static BASE: Base = Base { get_api, version };
    #[unsafe(no_mangle)] pub extern "C" fn OrtGetApiBase() -> *const Base { &BASE }
"#;

fn compile(folder: &Path, source: &str) -> PathBuf {
    let (code, library) = (folder.join("library.rs"), folder.join("libonnxruntime.so"));
    fs::write(&code, source).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = Command::new(rustc)
        .args(["--edition", "2024", "--crate-type", "cdylib", "-A", "warnings", "-o"])
        .args([&library, &code])
        .status()
        .unwrap();
    assert!(status.success());
    library
}

fn check_files(change: impl FnOnce(&mut MiniLmFiles, &Path), expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut files = model_files();
    change(&mut files, folder.path());
    let error: LoadError = MiniLm::load(&files, &runtime(), options()).err().unwrap();
    assert!(error.to_string().contains(expected), "{error}");
    assert!(error.hint().contains("models verify minilm"));
}

#[test]
fn a_missing_model_file_is_named() {
    check_files(|files, folder| files.config = folder.join("config.json"), "config.json` cannot be read");
}

#[test]
fn a_damaged_model_is_an_error() {
    check_files(
        |files, folder| {
            let whole = fs::read(&files.model).unwrap();
            files.model = folder.join("model.onnx");
            fs::write(&files.model, &whole[..whole.len() / 2]).unwrap();
        },
        "cannot be loaded",
    );
    check_files(
        |files, folder| {
            files.tokenizer = folder.join("tokenizer.json");
            fs::write(&files.tokenizer, "{}").unwrap();
        },
        "cannot be loaded",
    );
}
