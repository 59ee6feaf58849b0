//! How good answers are, found out by the server itself while nobody is exposed.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{QUICK, Running, World, document};

/// Everything is asked at once, and often.
const OFTEN: &str = "[quality]\nevery_seconds = 0.01\n";

const GOLDEN: [&str; 3] = [
    r#"{"id":"mme","kind":"alias","query":{"subject":"Mme Curie"},"entity":"Marie Curie"}"#,
    r#"{"id":"lower","kind":"case","query":{"subject":"ulm"},"entity":"Ulm"}"#,
    r#"{"id":"nobody","kind":"unknown","query":{"subject":"Xyzzy Plugh"}}"#,
];

fn quality(health: &Value) -> &Value {
    &health["tiers"]["tier1"]["quality"]
}

async fn probed(server: &Running) -> Value {
    let many = |health: &Value| {
        quality(health)["golden"]["answered"].as_u64().is_some_and(|answered| answered >= 40)
    };
    let health = server.until("forty probes", many).await;
    quality(&health)["golden"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_made_from_the_knowledge_base_are_answered_right_by_a_tier_that_nobody_has() {
    let server = World::new(&format!("tier1.percentage = 0\n{QUICK}{OFTEN}")).start().await;
    let golden = probed(&server).await;
    assert_eq!((&golden["right_rate"], &golden["right"]), (&json!(1.0), &golden["answered"]), "{golden}");
    let (_, health) = server.get("/admin/v1/health").await;
    assert_eq!(health["tiers"]["tier1"]["figures"]["attempts"], 0, "no window counts them");
    assert_eq!(health["tiers"]["tier1"]["cache"]["entries"], 0, "no cache keeps them");
    assert_eq!(health["requests"]["attempts"], 0, "they are nobody's requests");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_red_button_and_a_configuration_of_never_leave_the_tier_alone() {
    let world = World::new(&format!("tier1.percentage = 0\n{QUICK}{OFTEN}"));
    let server = world.start().await;
    probed(&server).await;
    std::fs::write(world.state().join("DISABLE"), "").unwrap();
    server
        .until("the masks", |health| health["masks"].as_array().is_some_and(|masks| !masks.is_empty()))
        .await;
    stands_still(&server).await;
    std::fs::remove_file(world.state().join("DISABLE")).unwrap();
    let before = answered(&server).await;
    server
        .until("probes again", |health| quality(health)["golden"]["answered"].as_u64() > Some(before))
        .await;
    world.configure(&format!("tier1.percentage = 0\n{QUICK}[quality]\nevery_seconds = 0\n"));
    server.server.reload().await;
    stands_still(&server).await;
    server.stop().await;
}

async fn answered(server: &Running) -> u64 {
    quality(&server.get("/admin/v1/health").await.1)["golden"]["answered"].as_u64().unwrap()
}

/// At most one probe is under way.
async fn stands_still(server: &Running) {
    let before = answered(server).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(answered(server).await <= before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_answers_are_seen_and_named() {
    let config = format!("tier1.percentage = 0\nfaults.enabled = true\n{QUICK}{OFTEN}");
    let server = World::new(&config).start().await;
    server.tier1_ready().await;
    let wrong =
        json!({"tier": "tier1", "kind": {"kind": "wrong_answer", "object": "Atlantis"}, "share": 1.0});
    assert_eq!(server.put("/admin/v1/faults", json!({"faults": [wrong]})).await.0, 200);
    let low =
        |health: &Value| quality(health)["golden"]["right_rate"].as_f64().is_some_and(|rate| rate < 0.5);
    let health = server.until("wrong answers lower the rate", low).await;
    let missed = &quality(&health)["golden"]["missed"];
    assert_eq!(missed.as_array().map(Vec::len), Some(5), "{missed}");
    assert!(missed[0]["got"].as_str().unwrap().ends_with("| Atlantis"), "{missed}");
    assert!(!missed[0]["expected"].as_str().unwrap().contains("Atlantis"), "{missed}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_of_a_file_are_asked_instead_and_read_again_on_a_reload() {
    let config = |file: &std::path::Path| {
        format!("tier1.percentage = 0\n{QUICK}{OFTEN}golden = \"{}\"\n", file.display())
    };
    let world = World::new("");
    let file = world.path("golden.jsonl");
    world.configure(&config(&file));
    let Err(missing) = world.try_start().await else { panic!("it started without its file") };
    assert_eq!(missing.code(), Some("golden-probes-invalid"), "{missing}");
    std::fs::write(&file, GOLDEN.join("\n")).unwrap();
    let server = world.start().await;
    assert_eq!(probed(&server).await["right_rate"], 1.0);

    std::fs::write(&file, r#"{"id":"odd","kind":"alias","query":{"subject":"Mme Curie"},"mode":"exact"}"#)
        .unwrap();
    let (status, problem) = document(server.admin(Method::POST, "/admin/v1/reload")).await;
    assert!(problem.to_string().contains("row `odd`"), "{status} {problem}");
    std::fs::write(&file, r#"{"id":"odd","kind":"alias","query":{"subject":"Mme Curie"},"entity":"Ulm"}"#)
        .unwrap();
    server.server.reload().await;
    let odd = |health: &Value| quality(health)["golden"]["missed"][0]["id"] == "odd";
    let health = server.until("the new row is missed", odd).await;
    assert_eq!(quality(&health)["golden"]["missed"][0]["expected"], "the entity Ulm");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_requests_are_held_against_the_mode_below() {
    let server = World::new(&format!("tier1.percentage = 0\n{QUICK}{OFTEN}")).start().await;
    server.tier1_ready().await;
    let asked = async {
        loop {
            for subject in ["Albert Einstein", "A. Einstein", "Nobody at all"] {
                server.ask_as("somebody", subject).await;
            }
        }
    };
    let enough = |health: &Value| {
        let shadow = &quality(health)["shadow"];
        shadow["agreement"].is_number() && shadow["gained"].as_u64() > Some(0)
    };
    let health = tokio::select! {
        health = server.until("requests were shadowed", enough) => health,
        () = asked => unreachable!("it asks until it is stopped"),
    };
    let shadow = &quality(&health)["shadow"];
    assert_eq!(
        (&shadow["agreement"], &shadow["different"], &shadow["lost"]),
        (&json!(1.0), &json!(0), &json!(0)),
        "{shadow}"
    );
    server.stop().await;
}
