//! Replays `fixtures/legacy/`, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};

use find_facts_service::{Query, find_exact, parse};
use find_facts_store::Store;

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/legacy")
}

/// A frozen request, and its answer where there is one yet.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) request: Vec<u8>,
    response: PathBuf,
}

impl Case {
    pub(crate) fn check(&self, actual: &[u8]) {
        let frozen = fs::read(&self.response).unwrap_or_default();
        assert_eq!(String::from_utf8_lossy(actual), String::from_utf8_lossy(&frozen), "{}", self.name);
    }
}

pub(crate) fn cases() -> Vec<Case> {
    let files = fs::read_dir(folder().join("cases")).unwrap().map(|entry| entry.unwrap().path());
    let requests = files.filter(|path| path.extension().is_some_and(|extension| extension == "request"));
    let mut cases: Vec<Case> = requests
        .map(|path| Case {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            request: fs::read(&path).unwrap(),
            response: path.with_extension("response"),
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// The knowledge base of the cases, with a state folder that goes when the second value is dropped.
pub(crate) fn store() -> (Store, tempfile::TempDir) {
    let state = tempfile::tempdir().unwrap();
    (Store::open(&folder(), state.path(), &mut |_| {}).unwrap(), state)
}

fn answer(store: &Store, body: &[u8]) -> Vec<u8> {
    match parse(body) {
        Err(problem) => serde_json::to_vec(&problem).unwrap(),
        Ok(request) => match &request.query {
            Query::Parts(parts) => find_exact(&store.current(), parts, request.limit),
            Query::Text(text) => panic!("`{text}` is no legacy query"),
        },
    }
}

#[test]
fn legacy_answers_are_frozen_byte_for_byte() {
    let (store, _state) = store();
    let cases = cases();
    assert!(cases.len() >= 40);
    for case in cases {
        case.check(&answer(&store, &case.request));
    }
}

#[test]
#[ignore = "writes the responses of new cases; those that are there stay as they are"]
fn write_missing_responses() {
    let (store, _state) = store();
    for case in cases().iter().filter(|case| !case.response.exists()) {
        fs::write(&case.response, answer(&store, &case.request)).unwrap();
    }
}
