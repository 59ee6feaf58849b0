//! The admin API is frozen: later versions add to these documents and change nothing. What differs from run to run is
//! blotted out.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, document};

/// Members whose values are of this run only.
const OF_THIS_RUN: [&str; 15] = [
    "time_ms",
    "instance",
    "uptime_seconds",
    "expires_ms",
    "pss_bytes",
    "limit_bytes",
    "available_bytes",
    "pressure",
    "psi_some_avg60",
    "cores",
    "from",
    "per_second",
    "seconds",
    "bytes",
    "latency_us",
];

/// Members in order of their names as well: what a document says does not depend on it, and whether `Value` keeps the order
/// of what it reads is decided by libraries.
fn redact(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                if OF_THIS_RUN.contains(&name.as_str()) { *member = json!("[...]") } else { redact(member) }
            }
            let sorted: BTreeMap<String, Value> = std::mem::take(members).into_iter().collect();
            members.extend(sorted);
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

fn freeze(name: &str, (status, mut document): (u16, Value)) {
    redact(&mut document);
    insta::assert_snapshot!(name, format!("{status}\n{document:#}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_of_the_admin_api_stay_as_they_are() {
    let server = World::new("tier1.enabled = false\nfaults.enabled = true").start().await;
    server.until("memory was measured", |health| health["memory"]["limit_bytes"] != 0).await;
    freeze("info", server.get("/admin/v1/info").await);
    freeze("health", server.get("/admin/v1/health").await);
    freeze("flags", server.get("/admin/v1/flags").await);
    let flags = json!({"flags": {"tier1_entity_linking": {"enabled": true, "percentage": 5.0, "segments": ["research"]}}});
    let put = |if_match: &'static str| {
        document(server.admin(Method::PUT, "/admin/v1/flags").header("if-match", if_match).json(&flags))
    };
    freeze("flags_written", put("\"1\"").await);
    freeze("flags_conflict", put("\"1\"").await);
    freeze("flags_history", server.get("/admin/v1/flags/history").await);
    freeze("reload_conflict", server.post("/admin/v1/reload", json!({"expect_generation": 1})).await);
    freeze(
        "reload_refused",
        server.post("/admin/v1/reload", json!({"expect_generation": 2, "flags": 1})).await,
    );
    let lease = json!({"run": "a", "holder": "here/1", "ttl_seconds": 60});
    freeze("lease", server.put("/admin/v1/lease", lease).await);
    let lease = json!({"run": "b", "holder": "here/2", "ttl_seconds": 60});
    freeze("lease_held", server.put("/admin/v1/lease", lease).await);
    freeze("rollout", server.get("/admin/v1/rollout").await);
    freeze(
        "rollback",
        server.post("/admin/v1/rollback", json!({"tier": "tier1", "reason": "fire drill"})).await,
    );
    let fact = json!({"subject": "Lise Meitner", "predicate": "born_in", "object": "Vienna"});
    freeze("facts", server.post("/admin/v1/facts", json!({"add": [fact]})).await);
    freeze("sample", server.get("/admin/v1/kb/sample?seed=1&n=1").await);
    freeze("migrate", server.post("/admin/v1/store/migrate", json!({})).await);
    freeze("faults", server.get("/admin/v1/faults").await);
    freeze("tier_unavailable", server.post("/admin/v1/tiers/tier3", json!({})).await);
    freeze("model_unknown", server.post("/admin/v1/models/nothing/pull", json!({})).await);
    let events = server.admin(Method::GET, "/admin/v1/events").header("accept", "application/json");
    freeze("events", document(events).await);
    freeze("audit", server.get("/admin/v1/audit").await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_models_says_what_is_there() {
    let server = World::new("tier1.enabled = false").start().await;
    let (status, list) = server.get("/admin/v1/models").await;
    assert_eq!(status, 200);
    let minilm = list["models"].as_array().unwrap().iter().find(|model| model["id"] == "minilm").unwrap();
    assert_eq!(
        (&minilm["state"], &minilm["pinned"], &minilm["bytes"]),
        (&json!("absent"), &json!(true), &json!(0))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_text_for_prometheus() {
    let server = World::new("tier1.enabled = false").start().await;
    let response = server.admin(Method::GET, "/metrics").send().await.unwrap();
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let text = response.text().await.unwrap();
    assert!(text.lines().any(|line| line.starts_with("# HELP")) && text.contains("find_facts"), "{text}");
    server.stop().await;
}
