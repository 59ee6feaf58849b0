//! Bringing tiers up and down, and changes of the knowledge base under it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, document, is_linked};

#[tokio::test(flavor = "multi_thread")]
async fn a_tier_is_initialised_in_the_background_and_again_after_a_restart() {
    let world = World::new("tier1.enabled = false");
    let server = world.start().await;
    assert_eq!(server.get("/admin/v1/health").await.1["tiers"]["tier1"]["state"], "off");
    let params = json!({"min_confidence": 0.7, "cache_size": 50_000, "candidates": 5, "similarity": 0.8});
    let (status, written) = server.post("/admin/v1/tiers/tier1", params.clone()).await;
    assert_eq!((status, written), (202, json!({"generation": 2, "state": "loading"})));
    server.tier1_ready().await;
    let (_, written) = server.post("/admin/v1/tiers/tier1", params).await;
    assert_eq!(written, json!({"generation": 2, "state": "ready"}), "the same again changes nothing");
    server.stop().await;

    let server = world.start().await;
    server.tier1_ready().await;
    let (_, health) = server.get("/admin/v1/health").await;
    let reasons = health["tiers"]["tier1"]["reasons"].to_string();
    assert!(reasons.contains("works without the model"), "{reasons}");
    let operator = json!({"query": {"subject": "A. Einstein"}, "enhancement_mode": "entity_linked"});
    assert!(is_linked(&server.post("/admin/v1/find_facts", operator.clone()).await.1), "whatever the flags");
    let removed = document(server.admin(Method::DELETE, "/admin/v1/tiers/tier1")).await;
    assert_eq!(removed, (200, json!({"generation": 3, "state": "off"})));
    server.until("tier 1 is off", |health| health["tiers"]["tier1"]["state"] == "off").await;
    assert!(!is_linked(&server.post("/admin/v1/find_facts", operator).await.1));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tier_2_stands_on_tier_1_and_answers_questions_without_models() {
    let server = World::new("tier1.enabled = false").start().await;
    assert_eq!(server.post("/admin/v1/tiers/tier2", json!({})).await.0, 202);
    let failed = server.until("tier 2 fails", |health| health["tiers"]["tier2"]["state"] == "failed").await;
    let reasons = failed["tiers"]["tier2"]["reasons"].to_string();
    assert!(reasons.contains("stands on `tier1`"), "{reasons}");
    assert_eq!(server.post("/admin/v1/tiers/tier1", json!({})).await.0, 202);
    let ready = server.until("tier 2 is ready", |health| health["tiers"]["tier2"]["state"] == "ready").await;
    let reasons = ready["tiers"]["tier2"]["reasons"].to_string();
    assert!(reasons.contains("without its language model"), "{reasons}");
    let question = json!({"query": {"text": "Where was Albert Einstein born?"}, "enhancement_mode": "semantic_expanded"});
    let (_, answer) = server.post("/admin/v1/find_facts", question).await;
    assert_eq!(answer["data"]["enhancement"]["answers"], json!(["Ulm"]), "{answer}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tier_initialised_again_has_the_embedding_model_that_has_come_since_and_so_has_the_one_above() {
    let world = World::new("tier1.enabled = false");
    let server = world.start().await;
    for tier in ["tier1", "tier2"] {
        assert_eq!(server.post(&format!("/admin/v1/tiers/{tier}"), json!({})).await.0, 202);
    }
    let is_without = |health: &Value, tier: &str| {
        let tier = &health["tiers"][tier];
        (tier["state"] == "ready").then(|| tier["reasons"].to_string().contains("works without the model"))
    };
    let both = |health: &Value| ["tier1", "tier2"].map(|tier| is_without(health, tier));
    server.until("both do without", |health| both(health) == [Some(true), Some(true)]).await;
    world.bring_models();
    assert_eq!(server.post("/admin/v1/tiers/tier1", json!({})).await.1["generation"], 3);
    server.until("both have it", |health| both(health) == [Some(false), Some(false)]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tier_that_is_removed_while_it_is_built_is_off() {
    let world = World::new("tier1.enabled = false").with_models();
    let facts: String = (0..5000).map(|at| format!("Person {at}\tknows\tPerson {}\n", at + 1)).collect();
    std::fs::write(world.path("kb/facts.tsv"), facts).unwrap();
    std::fs::remove_file(world.path("kb/aliases.tsv")).unwrap();
    let server = world.start().await;
    assert_eq!(server.post("/admin/v1/tiers/tier1", json!({})).await.0, 202);
    let embeds = |health: &Value| health["tiers"]["tier1"]["reasons"].to_string().contains("have a vector");
    server.until("names are embedded", embeds).await;
    let removed = document(server.admin(Method::DELETE, "/admin/v1/tiers/tier1")).await;
    assert_eq!(removed.0, 200);
    server.until("tier 1 is off", |health| health["tiers"]["tier1"]["state"] == "off").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tier_that_this_server_does_not_have_is_refused() {
    let server = World::new("tier1.enabled = false").start().await;
    for (tier, status) in [("tier3", 501), ("tier4", 404), ("%ff", 404)] {
        let (found, problem) = server.post(&format!("/admin/v1/tiers/{tier}"), json!({})).await;
        assert_eq!((found, &problem["status"]), (status, &json!(status)), "{tier}");
    }
    let (status, problem) = server.post("/admin/v1/tiers/tier1", json!({"candidates": 0})).await;
    assert_eq!(
        (status, &problem["faults"]),
        (422, &json!(["candidates: `0` is not accepted; accepted: 1 to 1000"]))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_come_and_go_are_seen_at_once_and_kept() {
    let world = World::new("");
    let server = world.start().await;
    server.tier1_ready().await;
    let fact = json!({"subject": "Lise Meitner", "predicate": "born_in", "object": "Vienna"});
    assert_eq!(server.ask_as("me", "lise meitner").await["data"]["count"], 0);
    let (status, written) = server.post("/admin/v1/facts", json!({"add": [fact, fact]})).await;
    assert_eq!((status, &written["added"], &written["removed"]), (200, &json!(1), &json!(0)));
    assert_eq!(server.ask_as("me", "Lise Meitner").await["data"]["count"], 1);
    let linked = server.ask_as("me", "lise meitner").await;
    assert_eq!((linked["data"]["count"].as_u64(), is_linked(&linked)), (Some(1), true));
    server.stop().await;

    let server = world.start().await;
    assert_eq!(server.ask_as("me", "Lise Meitner").await["data"]["count"], 1, "a restart keeps the fact");
    server.tier1_ready().await;
    let (_, written) = server.post("/admin/v1/facts", json!({"remove": [fact]})).await;
    assert_eq!(written["removed"], 1);
    assert_eq!(server.ask_as("me", "Lise Meitner").await["data"]["count"], 0);
    assert_eq!(server.ask_as("me", "lise meitner").await["data"]["count"], 0);
    let bad = json!({"add": [{"subject": "", "predicate": "p", "object": "o"}]});
    assert_eq!(server.post("/admin/v1/facts", bad).await.0, 422);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_of_a_sample_reads_as_another_entitys() {
    let server = World::new("tier1.enabled = false").start().await;
    let fact = json!({"subject": "MME CURIE", "predicate": "field", "object": "yachting"});
    assert_eq!(server.post("/admin/v1/facts", json!({"add": [fact]})).await.0, 200);
    let (_, sample) = server.get("/admin/v1/kb/sample?seed=1&n=100").await;
    let entities = sample["entities"].as_array().unwrap();
    assert!(entities.iter().all(|entity| entity["name"] != "MME CURIE"), "{sample}");
    let curie = entities.iter().find(|entity| entity["name"] == "Marie Curie").unwrap();
    assert_eq!(curie["aliases"], json!([]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_is_the_same_for_the_same_seed() {
    let server = World::new("tier1.enabled = false").start().await;
    let sample = |seed: u64, n: usize| server.get_owned(format!("/admin/v1/kb/sample?seed={seed}&n={n}"));
    let (status, first) = sample(1, 3).await;
    assert_eq!(status, 200);
    assert_eq!(first["entities"].as_array().unwrap().len(), 3);
    assert_eq!(sample(1, 3).await.1, first);
    let all = sample(2, 100).await.1["entities"].as_array().unwrap().clone();
    assert_eq!(all.len(), 7, "fewer than asked for means there are no more");
    let einstein = all.iter().find(|entity| entity["name"] == "Albert Einstein").unwrap();
    assert_eq!((&einstein["aliases"], &einstein["part"]), (&json!(["A. Einstein"]), &json!("subject")));
    assert_eq!(sample(1, 1_000_000).await.0, 400);
    assert_eq!(server.get("/admin/v1/kb/sample?seed=1").await.0, 400);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_with_more_to_it_than_is_kept_is_refused_and_one_of_an_answer_is_taken() {
    let server = World::with_tier1_at_zero().start().await;
    let fact =
        json!({"subject": "Lise Meitner", "predicate": "born_in", "object": "Vienna", "start": "1878"});
    let (status, problem) = server.post("/admin/v1/facts", json!({"add": [fact]})).await;
    assert_eq!(status, 422, "{problem}");
    assert!(problem["detail"].as_str().unwrap().starts_with("add[0].start: unknown field"), "{problem}");
    let fact =
        json!({"subject": "Lise Meitner", "predicate": "born_in", "object": "Vienna", "confidence": 1.0});
    assert_eq!(server.post("/admin/v1/facts", json!({"add": [fact]})).await.1["added"], 1);
    server.stop().await;
}
