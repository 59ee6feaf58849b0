//! Events: a list, and a stream that can be taken up where it broke off. And the audit log.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Running, World, document};

async fn list(server: &Running, since: u64) -> Vec<Value> {
    let request = server.admin(Method::GET, &format!("/admin/v1/events?since={since}"));
    let (status, list) = document(request.header("accept", "application/json")).await;
    assert_eq!(status, 200);
    list["events"].as_array().unwrap().clone()
}

/// Reads a stream until it has shown an event of this number; gives all numbers.
async fn stream(server: &Running, last_id: u64, until: u64) -> Vec<u64> {
    let request = server.admin(Method::GET, "/admin/v1/events").header("last-event-id", last_id.to_string());
    let mut response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let (mut text, mut ids) = (String::new(), Vec::new());
    while ids.last() != Some(&until) {
        let chunk = tokio::time::timeout(Duration::from_secs(10), response.chunk()).await;
        text.push_str(std::str::from_utf8(&chunk.expect("no event came").unwrap().unwrap()).unwrap());
        ids = text.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok()).collect();
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn events_outlive_a_restart_and_a_stream_goes_on_where_it_broke_off() {
    let world = World::new("tier1.enabled = false");
    let server = world.start().await;
    for percentage in [1.0, 2.0, 3.0] {
        server.set_percentage(percentage).await;
    }
    let before = list(&server, 0).await;
    assert_eq!(before.iter().map(|event| event["id"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((&before[0]["event"], &before[0]["generation"]), (&json!("flags_changed"), &json!(2)));
    server.stop().await;

    let server = world.start().await;
    assert_eq!(list(&server, 0).await, before);
    assert_eq!(list(&server, 2).await, before[2..]);
    let (streamed, _) = tokio::join!(stream(&server, 1, 4), server.set_percentage(4.0));
    assert_eq!(streamed, [2, 3, 4]);
    let bad = server.admin(Method::GET, "/admin/v1/events").header("last-event-id", "x");
    assert_eq!(document(bad).await.0, 400);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_stream_does_not_hold_up_a_stop() {
    let world = World::new("tier1.enabled = false");
    let server = world.start().await;
    let response = server.admin(Method::GET, "/admin/v1/events").send().await.unwrap();
    let stopped = tokio::time::timeout(Duration::from_secs(10), server.stop());
    stopped.await.expect("the stream held the server up");
    drop(response);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_is_in_the_audit_log_with_who_what_and_from_where() {
    let server = World::new("tier1.enabled = false").start().await;
    server.set_percentage(1.0).await;
    let by_run = server.admin(Method::PUT, "/admin/v1/flags").header("x-run-id", "r1").body("{}");
    document(by_run).await;
    server.post("/admin/v1/find_facts", json!({"query": {"subject": "Ulm"}})).await;
    let (_, audit) = server.get("/admin/v1/audit").await;
    let entries: Vec<String> = audit["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            assert!(entry["from"].as_str().unwrap().starts_with("127.0.0.1:"));
            format!("{} {} {}", entry["who"], entry["what"], entry["outcome"]).replace('"', "")
        })
        .collect();
    assert_eq!(entries, ["operator POST /admin/v1/reload 200", "run r1 PUT /admin/v1/flags 428"]);
    server.stop().await;
}
