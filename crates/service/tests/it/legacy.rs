//! Replays `fixtures/legacy/`, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};

use find_facts_core::{Mode, Tier};
use find_facts_service::{Asker, FindFactsService, parse};
use find_facts_store::Store;

use crate::world::{Does, World, up_to};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/legacy")
}

/// A frozen request, and where its answer is.
struct Case {
    name: String,
    request: Vec<u8>,
    response: PathBuf,
}

impl Case {
    fn frozen(&self) -> Vec<u8> {
        fs::read(&self.response).unwrap_or_else(|error| panic!("{}: {error}", self.response.display()))
    }

    fn check(&self, actual: &[u8]) {
        assert_eq!(String::from_utf8_lossy(actual), String::from_utf8_lossy(&self.frozen()), "{}", self.name);
    }
}

fn cases() -> Vec<Case> {
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

/// A server's answer to a body, but for HTTP.
async fn answer(service: &FindFactsService, asker: Asker<'_>, body: &[u8]) -> Vec<u8> {
    match parse(body) {
        Err(problem) => serde_json::to_vec(&problem).unwrap(),
        Ok(request) => service.find(&request, asker).await.body,
    }
}

fn finds_something(answer: &[u8]) -> bool {
    let answer: serde_json::Value = serde_json::from_slice(answer).unwrap();
    answer["data"]["count"].as_u64().is_some_and(|count| count > 0)
}

#[tokio::test(start_paused = true)]
async fn legacy_answers_are_frozen_byte_for_byte() {
    let world = World::new(up_to(Mode::Exact), &[]);
    let cases = cases();
    assert!(cases.len() >= 40);
    for case in cases {
        case.check(&answer(&world.service, world.asker(), &case.request).await);
    }
}

#[tokio::test(start_paused = true)]
async fn what_legacy_finds_stays_the_same_bytes_with_a_tier_for_everybody() {
    let world = World::new(up_to(Mode::EntityLinked), &[(Tier::Tier1, Does::Answer)]);
    let found: Vec<Case> = cases().into_iter().filter(|case| finds_something(&case.frozen())).collect();
    assert!(found.len() >= 30);
    for case in &found {
        case.check(&answer(&world.service, world.asker(), &case.request).await);
    }
    assert_eq!(world.runs(), 0);
}

#[tokio::test(start_paused = true)]
#[ignore = "writes the responses of new cases; those that are there stay as they are"]
async fn write_missing_responses() {
    let world = World::new(up_to(Mode::Exact), &[]);
    for case in cases().iter().filter(|case| !case.response.exists()) {
        fs::write(&case.response, answer(&world.service, world.asker(), &case.request).await).unwrap();
    }
}
