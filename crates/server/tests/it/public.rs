//! The public listener.

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{QUICK, World, document, is_linked, read};

/// SHA-256 of `secret`.
const CLIENT: &str = "[[clients]]\nid = \"lab\"\nsegments = [\"research\"]\n\
    key_sha256 = \"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn exact_facts_are_served_at_once_in_the_legacy_form() {
    let server = World::new(QUICK).start().await;
    let answer = server.ask_as("anybody", "Ulm").await;
    assert_eq!(
        answer.to_string(),
        json!({"data": {"facts": [{"subject": "Ulm", "predicate": "located_in", "object": "Germany", "confidence": 1.0}],
            "count": 1, "limit": 10, "query": {"subject": "Ulm"}},
            "message": "Found 1 fact: Ulm located_in Germany.", "suggestions": []})
        .to_string()
        .replace("Found 1 fact: Ulm located_in Germany.", answer["message"].as_str().unwrap())
    );
    for path in ["/healthz", "/readyz"] {
        assert_eq!(document(server.public(Method::GET, path)).await.0, 200);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_a_request_id_and_every_refusal_is_a_problem() {
    let server = World::new(QUICK).start().await;
    let refused = [
        (server.public(Method::GET, "/nowhere"), 404, "not-found"),
        (server.public(Method::GET, "/v1/find_facts"), 405, "method-not-allowed"),
        (server.public(Method::POST, "/v1/find_facts").body("{"), 400, "body-not-json"),
        (server.public(Method::POST, "/v1/find_facts").body(vec![b' '; 1 << 21]), 413, "body-too-large"),
        (
            server.public(Method::POST, "/v1/find_facts").header("content-encoding", "gzip").body("x"),
            415,
            "content-encoding",
        ),
        (server.public(Method::POST, "/v1/feedback").body("{}"), 422, "invalid-document"),
        (server.admin(Method::GET, "/admin/v1/nowhere"), 404, "not-found"),
    ];
    let mut seen = std::collections::HashSet::new();
    for (request, status, code) in refused {
        let response = request.send().await.unwrap();
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(uuid::Uuid::try_parse(&id).unwrap().get_version_num(), 7);
        assert!(seen.insert(id), "an id was given twice");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let (found, problem) = read(response).await;
        assert_eq!(
            (found, &problem["type"]),
            (status, &json!(format!("urn:find-facts:error:{code}"))),
            "{problem}"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_announces_too_much_is_refused_before_it_is_read() {
    let server = World::new(QUICK).start().await;
    let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 1 << 16]));
    let request = server.public(Method::POST, "/v1/find_facts").body(reqwest::Body::wrap_stream(endless));
    // The server may hang up while the body is still being sent.
    if let Ok(response) = request.send().await {
        assert_eq!(response.status(), 413);
    }
    assert_eq!(server.ask_as("anybody", "Ulm").await["data"]["count"], 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_is_told_from_one_that_is_too_long() {
    let server = World::new(QUICK).start().await;
    let mut connection = TcpStream::connect(server.server.public_address()).await.unwrap();
    let head = "POST /v1/find_facts HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("body-incomplete"), "{answer}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn feedback_is_counted() {
    let server = World::new(QUICK).start().await;
    let answer = server.public(Method::POST, "/v1/find_facts").body(r#"{"query":{"subject":"Ulm"}}"#);
    let id = answer.send().await.unwrap().headers()["x-request-id"].to_str().unwrap().to_owned();
    for score in [1, 1, -1, 0] {
        let body = json!({"request_id": id, "score": score, "comment": "so so"});
        assert_eq!(document(server.public(Method::POST, "/v1/feedback").json(&body)).await.0, 204);
    }
    for (score, comment, fault) in [
        (2, "so so".to_owned(), "score: accepted is -1, 0 or 1"),
        (1, "é".repeat(1001), "comment: it is too long; accepted are up to 1000 characters"),
    ] {
        let body = json!({"request_id": id, "score": score, "comment": comment});
        let (status, problem) = document(server.public(Method::POST, "/v1/feedback").json(&body)).await;
        assert_eq!((status, &problem["faults"]), (422, &json!([fault])));
    }
    let (_, health) = server.get("/admin/v1/health").await;
    assert_eq!(health["feedback"], json!({"positive": 2, "neutral": 1, "negative": 1}));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_come_from_the_clients_own_entry_only() {
    let config = format!("tier1.percentage = 0\ntier1.segments = [\"research\"]\n{QUICK}{CLIENT}");
    let server = World::new(&config).start().await;
    server.tier1_ready().await;
    let ask = || server.public(Method::POST, "/v1/find_facts").body(r#"{"query":{"subject":"A. Einstein"}}"#);
    assert!(!is_linked(&document(ask().header("x-targeting-key", "lab")).await.1));
    assert!(is_linked(&document(ask().bearer_auth("secret")).await.1));
    assert!(is_linked(&document(ask().header("x-api-key", "secret")).await.1));
    let (status, problem) = document(ask().bearer_auth("wrong")).await;
    assert_eq!((status, &problem["type"]), (401, &json!("urn:find-facts:error:unknown-key")));
    server.stop().await;
}
