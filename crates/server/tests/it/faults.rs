//! Faults on purpose, and the rollback that follows.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::{QUICK, Running, World, is_linked};

fn errors(share: f64) -> Value {
    json!({"faults": [{"tier": "tier1", "kind": {"kind": "error"}, "share": share}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_refused_unless_the_configuration_asks_for_them() {
    let server = World::new("tier1.enabled = false").start().await;
    let (status, problem) = server.put("/admin/v1/faults", errors(1.0)).await;
    assert_eq!((status, &problem["type"]), (403, &json!("urn:find-facts:error:faults-disabled")));
    server.stop().await;
    let server = World::new("tier1.enabled = false\nfaults.enabled = true").start().await;
    assert_eq!(server.put("/admin/v1/faults", errors(1.5)).await.0, 422);
    assert_eq!(server.put("/admin/v1/faults", errors(0.5)).await, (200, errors(0.5)));
    assert_eq!(server.get("/admin/v1/faults").await, (200, errors(0.5)));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_is_told_of_a_failure_that_a_client_never_sees() {
    let server = World::new(&format!("faults.enabled = true\n{QUICK}")).start().await;
    server.tier1_ready().await;
    let asked = |subject: &str| {
        let body = json!({"query": {"subject": subject}, "enhancement_mode": "entity_linked"});
        let operator = server.admin(reqwest::Method::POST, "/admin/v1/find_facts").json(&body);
        let client = server.public(reqwest::Method::POST, "/v1/find_facts").json(&body);
        async move { (operator.send().await.unwrap(), client.send().await.unwrap()) }
    };
    for (share, expected) in [(0.0, "ok"), (1.0, "error")] {
        server.put("/admin/v1/faults", errors(share)).await;
        let (operator, client) = asked("a. einstein").await;
        let attempts: Value = operator.headers()["x-tier-attempts"].to_str().unwrap().parse().unwrap();
        assert_eq!(
            (operator.status().as_u16(), attempts),
            (200, json!([{"tier": "tier1", "result": expected}]))
        );
        assert_eq!((client.status().as_u16(), client.headers().get("x-tier-attempts")), (200, None));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_tier_is_rolled_back_without_a_failed_request_and_stays_off() {
    let world = World::new(&format!("faults.enabled = true\n{QUICK}"));
    let server = world.start().await;
    server.tier1_ready().await;
    server.put("/admin/v1/faults", errors(0.5)).await;
    let (mut asked, end) = (0, Instant::now() + Duration::from_secs(30));
    while server.generation().await == 1 {
        let answer = server.ask_as(&format!("caller-{asked}"), "A. Einstein").await;
        assert!(answer["message"].is_string());
        asked += 1;
        assert!(Instant::now() < end, "no rollback came");
    }
    let (_, flags) = server.get("/admin/v1/flags").await;
    assert_eq!(flags["flags"]["tier1_entity_linking"]["enabled"], false);
    assert!(!is_linked(&server.ask_as("anybody", "A. Einstein").await));
    let request = server.admin(reqwest::Method::GET, "/admin/v1/events").header("accept", "application/json");
    let events = crate::world::document(request).await.1["events"].as_array().unwrap().clone();
    let rolled_back = events.iter().find(|event| event["event"] == "rolled_back").expect("an event");
    assert_eq!((&rolled_back["generation"], &rolled_back["disabled"]), (&json!(2), &json!(["tier1"])));
    assert!(rolled_back["figures"]["overall"]["errors"].as_u64().unwrap() >= 5, "{rolled_back}");
    assert_eq!(audited_rollback(&server).await["outcome"], "generation 2");
    server.stop().await;

    let server = world.start().await;
    assert!(!is_linked(&server.ask_as("anybody", "A. Einstein").await), "a restart keeps it off");
    server.tier1_ready().await;
    server.set_percentage(100.0).await;
    assert!(is_linked(&server.ask_as("anybody", "A. Einstein").await), "a person lifts it");
    server.stop().await;
}

/// The audit log's entry of the rollback; it is written after the flags are in force.
async fn audited_rollback(server: &Running) -> Value {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let (_, audit) = server.get("/admin/v1/audit").await;
        let last = audit["entries"].as_array().unwrap().last().unwrap();
        if last["who"] == "rollback" {
            return last.clone();
        }
        assert!(Instant::now() < end, "{audit}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
