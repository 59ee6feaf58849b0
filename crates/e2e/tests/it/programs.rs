//! The programs under test, built once per test process with the profile and into the folder of the tests themselves.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use find_facts_models::{Catalogue, Home, locate};

/// The language model that set-up gets.
pub(crate) const LANGUAGE_MODEL: &str = "smollm2-135m-instruct";

/// The workspace's root.
pub(crate) fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A program's path.
pub(crate) fn program(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(build).join(name)
}

/// Where set-up puts models and libraries.
pub(crate) fn home() -> PathBuf {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    HOME.get_or_init(find_home).clone()
}

/// deployctl gets its kill points; a process that nobody asks to be killed behaves as without them.
fn build() -> PathBuf {
    // The tests' own program is `<target>/<profile>/deps/it-<digest>`.
    let own = std::env::current_exe().unwrap();
    let folder = own.ancestors().nth(2).unwrap();
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") => "dev",
        Some(name) => name,
        None => panic!("`{}` is in no profile's folder", own.display()),
    };
    let status = Command::new(env!("CARGO"))
        .current_dir(workspace())
        .args(["build", "--quiet", "--package", "find-facts-server", "--package", "find-facts-deployctl"])
        .args(["--package", "find-facts-loadgen"])
        .args(["--features", "find-facts-deployctl/kill-points", "--profile", profile, "--target-dir"])
        .arg(folder.parent().unwrap())
        .status()
        .unwrap();
    assert!(status.success(), "the programs under test do not build");
    folder.to_owned()
}

fn find_home() -> PathBuf {
    let root =
        std::env::var_os("FIND_FACTS_HOME").map_or_else(|| workspace().join(".find-facts"), PathBuf::from);
    let catalogue = Catalogue::read(&workspace().join("deploy-plans/models.toml")).unwrap();
    for name in ["minilm", "onnxruntime", LANGUAGE_MODEL] {
        if let Err(missing) = locate(&Home::new(&root, None), &catalogue, name) {
            panic!("{missing}; hint: run `cargo xtask setup`");
        }
    }
    root
}
