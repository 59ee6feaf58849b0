//! Reloads: of flags while requests come, of the configuration, with and without faults.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::json;

use crate::world::{QUICK, World, document, is_linked};

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_and_none_sees_half_a_change_during_200_reloads() {
    let server = World::with_tier1_at_zero().start().await;
    server.tier1_ready().await;
    let (over, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let clients: Vec<_> = (0..3)
        .map(|number| {
            let (client, over, served) = (server.client.clone(), Arc::clone(&over), Arc::clone(&served));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    client.ask_as(&format!("caller-{number}"), "A. Einstein").await;
                    served.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for round in 0..200 {
        // What a request is given is decided once: after the answer to the write, nobody sees the old state.
        let percentage = if round % 2 == 0 { 100.0 } else { 0.0 };
        server.set_percentage(percentage).await;
        assert_eq!(is_linked(&server.ask_as("me", "A. Einstein").await), percentage > 0.0);
    }
    over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert!(served.load(Ordering::Relaxed) > 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_without_a_body_reads_the_file_again_or_refuses_it_whole() {
    let world = World::new(QUICK);
    let server = world.start().await;
    let reload = || document(server.admin(reqwest::Method::POST, "/admin/v1/reload"));
    assert_eq!(reload().await, (200, json!({"generation": 1, "changed": false})));
    world.configure(&format!("faults.enabled = true\ntier1.percentage = 3\n{QUICK}"));
    assert_eq!(reload().await, (200, json!({"generation": 1, "changed": true})));
    assert_eq!(server.get("/admin/v1/faults").await.0, 200);
    let (_, flags) = server.get("/admin/v1/flags").await;
    assert_eq!(flags["flags"]["tier1_entity_linking"]["percentage"], 100.0, "the stored generation wins");
    world.configure(&QUICK.replace("window_seconds = 5", "window_seconds = 6"));
    let (status, problem) = reload().await;
    assert_eq!(status, 422);
    assert!(
        problem["detail"].as_str().unwrap().starts_with("`health.window_seconds` cannot change"),
        "{problem}"
    );
    world.configure("faults.enabled = false\nfault.enabled = true\nadmin.token_file = 3\n");
    let (status, problem) = reload().await;
    assert_eq!(status, 422);
    assert_eq!(problem["faults"].as_array().unwrap().len(), 2, "{problem}");
    assert_eq!(server.get("/admin/v1/faults").await.0, 200, "the running configuration stays");
    let request = server.admin(reqwest::Method::GET, "/admin/v1/events").header("accept", "application/json");
    let events = document(request).await.1["events"].as_array().unwrap().clone();
    assert!(events.iter().any(|event| event["event"] == "reload_refused"), "{events:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_changes_deadlines_and_takes_back_faults_that_are_no_longer_allowed() {
    let world = World::new(&format!("faults.enabled = true\n{QUICK}"));
    let server = world.start().await;
    server.tier1_ready().await;
    let slow = json!({"faults": [{"tier": "tier1", "kind": {"kind": "latency", "ms": 60}, "share": 1.0}]});
    assert_eq!(server.put("/admin/v1/faults", slow).await.0, 200);
    assert!(is_linked(&server.ask_as("me", "A. Einstein").await), "60 ms are within the deadline of 200");
    let reload = || document(server.admin(reqwest::Method::POST, "/admin/v1/reload"));
    world.configure(&format!("faults.enabled = true\ntier1.timeout_ms = 10\n{QUICK}"));
    assert_eq!(reload().await.0, 200);
    assert!(!is_linked(&server.ask_as("me", "A. Einstein").await), "and beyond one of 10");
    world.configure(&format!("tier1.timeout_ms = 50\n{QUICK}"));
    assert_eq!(reload().await.0, 200);
    assert!(is_linked(&server.ask_as("me", "A. Einstein").await), "the fault is gone");
    server.stop().await;
}
