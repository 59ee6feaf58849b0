//! Flags: reading, replacing, history, races, repeats.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Running, World, document, is_linked};

async fn put(server: &Running, if_match: Option<&str>, body: Value) -> Answer {
    let request = server.admin(Method::PUT, "/admin/v1/flags").json(&body);
    document(if_match.into_iter().fold(request, |request, value| request.header("if-match", value))).await
}

fn tier1_at(percentage: f64) -> Value {
    json!({"flags": {"tier1_entity_linking": {"enabled": true, "percentage": percentage, "segments": []}}})
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_are_replaced_by_whoever_knows_the_generation() {
    let server = World::with_tier1_at_zero().start().await;
    let response = server.admin(Method::GET, "/admin/v1/flags").send().await.unwrap();
    assert_eq!(response.headers()["etag"], "\"1\"");
    let (status, problem) = put(&server, None, tier1_at(5.0)).await;
    assert_eq!((status, &problem["type"]), (428, &json!("urn:find-facts:error:precondition-required")));
    assert_eq!(
        put(&server, Some("\"1\""), tier1_at(5.0)).await,
        (200, json!({"generation": 2, "changed": true}))
    );
    let (status, problem) = put(&server, Some("\"1\""), tier1_at(10.0)).await;
    assert_eq!((status, &problem["current"]["generation"]), (412, &json!(2)));
    assert_eq!(problem["current"]["flags"]["tier1_entity_linking"]["percentage"], 5.0);
    assert_eq!(
        put(&server, Some("2"), tier1_at(5.0)).await,
        (200, json!({"generation": 2, "changed": false}))
    );
    assert_eq!(put(&server, Some("*"), tier1_at(6.0)).await.0, 200);
    let (_, flags) = server.get("/admin/v1/flags").await;
    assert_eq!(flags["flags"].as_object().unwrap().len(), 1, "a flag that is absent is off");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_can_be_edited_and_sent_back() {
    let server = World::with_tier1_at_zero().start().await;
    let (_, read) = server.get("/admin/v1/flags").await;
    let mut edited = json!({"generation": read["generation"], "flags": read["flags"]});
    edited["flags"]["tier1_entity_linking"]["percentage"] = json!(5.0);
    let (status, problem) = put(&server, Some("\"9\""), edited.clone()).await;
    assert_eq!(
        (status, &problem["faults"][0]),
        (422, &json!("generation: it is 1, but `If-Match` says 9; accepted is one and the same"))
    );
    assert_eq!(put(&server, Some("*"), edited.clone()).await.0, 200);
    assert_eq!(put(&server, Some("*"), edited).await.0, 412, "the document's own generation counts too");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_write_twice_at_once_is_done_once() {
    let server = World::with_tier1_at_zero().start().await;
    let write = || {
        let fact = json!({"subject": "Lise Meitner", "predicate": "born_in", "object": "Vienna"});
        let request = server.admin(Method::POST, "/admin/v1/facts").json(&json!({"add": [fact]}));
        document(request.header("idempotency-key", "once"))
    };
    let answers = futures_util::future::join_all((0..8).map(|_| write())).await;
    assert!(answers.iter().all(|answer| answer.1["added"] == 1), "{answers:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_understood_does_not_pass_for_none() {
    let server = World::with_tier1_at_zero().start().await;
    for key in ["k".repeat(257), "Schl\u{fc}ssel".to_owned()] {
        let request =
            server.admin(Method::POST, "/admin/v1/rollback").header("idempotency-key", key.as_bytes());
        assert_eq!(document(request).await.0, 400);
    }
    assert_eq!(server.generation().await, 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_document_is_refused_whole_with_every_fault() {
    let server = World::with_tier1_at_zero().start().await;
    let body = json!({"expect_generation": 1,
        "flags": {"tier1_entity_linking": {"enabled": true, "percentage": 101}, "tier9": {}},
        "tiers": {"tier1": {"similarity": 2.0, "model": "nothing"}, "tier3": {}}});
    let (status, problem) = server.post("/admin/v1/reload", body).await;
    assert_eq!(status, 422);
    let faults: Vec<&str> = problem["faults"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let places: Vec<&str> = faults.iter().filter_map(|fault| fault.split(':').next()).collect();
    assert_eq!(
        places,
        [
            "flags.tier1_entity_linking.percentage",
            "flags.tier9",
            "tiers.tier1.similarity",
            "tiers.tier1.model",
            "tiers.tier3"
        ],
        "{faults:?}"
    );
    assert_eq!(server.generation().await, 1);
    for (body, place) in [
        (json!({"expect_generation": "x"}), "expect_generation"),
        (json!({"flags": {}}), "."),
        (json!([1, null, null]), "."),
        (json!({"expect_generation": 1, "flag": {}}), "flag"),
    ] {
        let (status, problem) = server.post("/admin/v1/reload", body).await;
        assert_eq!(status, 422, "{problem}");
        assert!(problem["faults"][0].as_str().unwrap().starts_with(place), "{problem}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_write_again_changes_nothing_even_after_a_restart() {
    let world = World::with_tier1_at_zero();
    let write = |server: &Running| {
        let body = json!({"expect_generation": 1,
            "flags": {"tier1_entity_linking": {"enabled": true, "percentage": 5}}});
        let request = server.admin(Method::POST, "/admin/v1/reload").json(&body);
        document(request.header("idempotency-key", "run-1/enable").header("x-run-id", "run-1"))
    };
    let server = world.start().await;
    assert_eq!(write(&server).await, (200, json!({"generation": 2, "changed": true})));
    assert_eq!(write(&server).await, (200, json!({"generation": 2, "changed": false})));
    server.stop().await;
    let server = world.start().await;
    assert_eq!(write(&server).await, (200, json!({"generation": 2, "changed": false})));
    let (_, history) = server.get("/admin/v1/flags/history").await;
    let last = history["generations"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["by"], &last["idempotency_key"]), (&json!("run run-1"), &json!("run-1/enable")));
    let other = server.admin(Method::POST, "/admin/v1/rollback").header("idempotency-key", "run-1/enable");
    assert_eq!(document(other).await.0, 422);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_percentage_reaches_the_same_callers_and_only_more_of_them() {
    let server = World::with_tier1_at_zero().start().await;
    server.tier1_ready().await;
    let mut before: Vec<String> = Vec::new();
    for percentage in [0.0, 5.0, 50.0, 100.0] {
        server.set_percentage(percentage).await;
        let mut linked = Vec::new();
        for number in 0..60 {
            let who = format!("caller-{number}");
            if is_linked(&server.ask_as(&who, "A. Einstein").await) {
                linked.push(who);
            }
        }
        assert!(before.iter().all(|who| linked.contains(who)), "{percentage} %: {before:?} {linked:?}");
        before = linked;
        let expected = match percentage {
            0.0 => 0..=0,
            5.0 => 0..=10,
            50.0 => 15..=45,
            _ => 60..=60,
        };
        assert!(expected.contains(&before.len()), "{percentage} % reached {} of 60", before.len());
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_by_hand_is_an_event_and_stays_until_the_flag_is_named() {
    let world = World::with_tier1_at_zero();
    let server = world.start().await;
    server.set_percentage(100.0).await;
    let (status, written) = server.post("/admin/v1/rollback", json!({"reason": "fire drill"})).await;
    assert_eq!((status, written), (200, json!({"generation": 3, "changed": true})));
    let (_, written) = server.post("/admin/v1/rollback", json!({})).await;
    assert_eq!(written, json!({"generation": 3, "changed": false}));
    server.stop().await;
    let server = world.start().await;
    let (_, flags) = server.get("/admin/v1/flags").await;
    assert_eq!(flags["flags"]["tier1_entity_linking"]["enabled"], false);
    let (_, written) = server.post("/admin/v1/reload", json!({"expect_generation": 3, "tiers": {}})).await;
    assert_eq!(written["changed"], false);
    assert_eq!(server.set_percentage(100.0).await, 4);
    server.stop().await;
}
