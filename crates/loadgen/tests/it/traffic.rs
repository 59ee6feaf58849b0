//! Traffic against small servers of the test's own, on loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use find_facts_loadgen::{Fault, Kind, Query, Summary, Traffic, TrafficError, World, read_questions, run};

const ANSWER: &str = r#"{"data":{"facts":[{"subject":"Heathrow Airport","predicate":"city","object":"London","confidence":1.0}],"count":1,"limit":10,"query":{}},"message":"","suggestions":[]}"#;

#[derive(Clone)]
struct Served {
    requests: Arc<AtomicU32>,
    /// From this request on the answer is this one.
    later: (u32, StatusCode, &'static str),
}

async fn answer(State(served): State<Served>) -> (StatusCode, &'static str) {
    match served.requests.fetch_add(1, Ordering::Relaxed) {
        number if number >= served.later.0 => (served.later.1, served.later.2),
        _ => (StatusCode::OK, ANSWER),
    }
}

async fn sent_to(later: (u32, StatusCode, &'static str)) -> Summary {
    sent("exact=9,typo=1", Vec::new(), later).await.unwrap()
}

async fn sent(
    mix: &str,
    questions: Vec<Query>,
    later: (u32, StatusCode, &'static str),
) -> Result<Summary, TrafficError> {
    let served = Served { requests: Arc::default(), later };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/v1/find_facts", post(answer)).with_state(served);
    let server = tokio::spawn(async move { axum::serve(listener, router).await });

    let facts = vec![["Heathrow Airport", "city", "London"].map(str::to_owned)];
    let traffic = Traffic {
        target,
        rate: 400.0,
        duration: Duration::from_millis(500),
        callers: 20,
        skew: 1.0,
        mix: mix.parse().unwrap(),
        questions,
        seed: 5,
        record: None,
    };
    let summary = run(&traffic, &World::new(facts, Vec::new()), std::future::pending()).await;
    server.abort();
    summary
}

/// The questions of a file that asks for a city, and for something that nobody knows.
fn questions() -> Vec<Query> {
    let rows = r#"{"id":"1","kind":"question","text":"Where is Heathrow Airport?","expect":[{"subject":"Heathrow Airport","predicate":"city","object":"London"}]}
{"id":"2","kind":"unanswerable","text":"Who built Heathrow Airport?"}"#;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.jsonl");
    std::fs::write(&path, rows).unwrap();
    read_questions(&path).unwrap()
}

#[tokio::test]
async fn a_server_that_answers_alike_has_no_faults() {
    let summary = sent_to((u32::MAX, StatusCode::OK, ANSWER)).await;
    assert_eq!(summary.faults, 0, "{summary}");
    assert!(summary.requests > 100, "{summary}");
    assert_eq!(summary.kinds[&Kind::Exact].right, summary.kinds[&Kind::Exact].requests);
}

#[tokio::test]
async fn an_answer_that_changes_midway_is_noticed() {
    const OTHER: &str =
        r#"{"data":{"facts":[],"count":0,"limit":10,"query":{}},"message":"","suggestions":[]}"#;
    let summary = sent_to((60, StatusCode::OK, OTHER)).await;
    assert!(summary.examples.contains(&Fault::Changed), "{summary}");
}

#[tokio::test]
async fn an_error_that_legacy_would_not_have_given_is_noticed() {
    let summary = sent_to((60, StatusCode::INTERNAL_SERVER_ERROR, "")).await;
    assert_eq!(summary.examples.first(), Some(&Fault::Status { status: 500 }), "{summary}");
}

#[tokio::test]
async fn questions_are_sent_in_their_share_and_right_by_what_their_rows_expect() {
    let summary = sent("exact=1,question=1", questions(), (u32::MAX, StatusCode::OK, ANSWER)).await.unwrap();
    let [exact, asked] = [Kind::Exact, Kind::Question].map(|kind| summary.kinds[&kind].clone());
    assert!(exact.requests > 50 && asked.requests > 50 && summary.faults == 0, "{summary}");
    // Every answer is the city, which one of the two questions asks for.
    assert!((1..asked.requests).contains(&asked.right), "{summary}");
}

#[tokio::test]
async fn a_mix_with_questions_needs_some() {
    let error = sent("question=1", Vec::new(), (u32::MAX, StatusCode::OK, ANSWER)).await.unwrap_err();
    assert!(error.to_string().contains("--questions"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_fault_of_every_request() {
    let facts = vec![["Heathrow Airport", "city", "London"].map(str::to_owned)];
    let traffic = Traffic {
        // A listener that was closed again: the port is free and refuses.
        target: format!(
            "http://{}",
            std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
        ),
        rate: 100.0,
        duration: Duration::from_millis(200),
        callers: 2,
        skew: 0.0,
        mix: "exact=1".parse().unwrap(),
        questions: Vec::new(),
        seed: 5,
        record: None,
    };
    let summary = run(&traffic, &World::new(facts, Vec::new()), std::future::pending()).await.unwrap();
    assert!(summary.requests > 0 && summary.faults == summary.requests, "{summary}");
}
