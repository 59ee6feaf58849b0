//! The memory for models, with a real embedder in it.

use find_facts_testkit::gguf::tiny_model;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Http, QUICK, World, document};

/// Tier 1 with its embedder, and a language model `tiny` that takes more than a megabyte.
fn world(budget_gb: f64) -> World {
    let world = World::new("").with_models();
    std::fs::write(world.path("tiny.gguf"), tiny_model(1)).unwrap();
    let catalogue = include_str!("../../../../deploy-plans/models.toml");
    let tiny = format!(
        "[models.tiny]\nrepository = \"tests/tiny\"\nrevision = \"main\"\nquantisation = \"F32\"\nlicence = \"MIT\"\n\
         licence_url = \"https://example.org\"\n[[models.tiny.files]]\nname = \"tiny.gguf\"\nsources = [{{ path = {:?} }}]\n",
        world.path("tiny.gguf")
    );
    std::fs::write(world.path("models.toml"), format!("{catalogue}\n{tiny}")).unwrap();
    limit(&world, budget_gb);
    world
}

fn limit(world: &World, budget_gb: f64) {
    let catalogue = world.path("models.toml");
    world.configure(&format!(
        "models.catalogue = {catalogue:?}\n{QUICK}[limits]\ntotal_memory_gb = {budget_gb}\n"
    ));
}

fn embedder(health: &Value) -> Value {
    let models = health["models"].as_array().unwrap();
    models.iter().find(|model| model["id"] == "minilm").unwrap().clone()
}

async fn reload(client: &Http) {
    assert_eq!(document(client.admin(Method::POST, "/admin/v1/reload")).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_model_gets_what_the_embedder_leaves() {
    const LEFT: u64 = 500_000;
    let world = world(8.0);
    let server = world.start().await;
    server.tier1_ready().await;
    let (_, health) = server.get("/admin/v1/health").await;
    assert_eq!(health["tiers"]["tier1"]["reasons"], json!([]));
    let embedder = embedder(&health);
    // The weights, as f32; and not much of anything else.
    let bytes = embedder["memory_bytes"].as_u64().unwrap();
    assert!((90_000_000..1_000_000_000).contains(&bytes), "{embedder}");
    limit(&world, (bytes + LEFT) as f64 / 1e9);
    reload(&server).await;
    let (status, problem) = server.post("/admin/v1/models/tiny/load", json!({})).await;
    assert_eq!((status, &problem["type"]), (409, &json!("urn:find-facts:error:model-over-budget")));
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains(&format!("; {LEFT} of {} are available", bytes + LEFT)), "{detail}");
    // The embedder is not what makes room.
    assert_eq!(server.get("/admin/v1/health").await.1["tiers"]["tier1"]["state"], "ready");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tier_1_fails_where_its_embedder_does_not_fit_and_exact_queries_go_on() {
    let world = world(0.05);
    let server = world.start().await;
    let health = server.until("tier 1 fails", |health| health["tiers"]["tier1"]["state"] == "failed").await;
    let reasons = health["tiers"]["tier1"]["reasons"].to_string();
    for part in ["`minilm` needs", "50000000 of 50000000 are available", "MAX_TOTAL_MEMORY_GB"] {
        assert!(reasons.contains(part), "{part}: {reasons}");
    }
    assert_eq!(embedder(&health)["loaded"], false);
    assert_eq!(server.ask_as("me", "Marie Curie").await["data"]["count"], 2);
    // With more room it comes, when asked for.
    limit(&world, 8.0);
    reload(&server).await;
    assert_eq!(server.post("/admin/v1/tiers/tier1", json!({})).await.0, 202);
    server.tier1_ready().await;
    server.stop().await;
}
