//! A state folder without room for vectors.

use std::path::{Path, PathBuf};

use find_facts_testkit::SmallDisk;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{FACTS, QUICK, Running, World, document};

const VECTORS: [(&str, &str); 2] = [("tier1", "tier1.vectors"), ("tier2", "tier2.vectors")];

/// A started server whose tiers are ready, and the reasons they give.
async fn start(world: &World) -> (Running, Value) {
    let server = world.start().await;
    let ready = |health: &Value, tier: &str| health["tiers"][tier]["state"] == "ready";
    let health =
        server.until("both tiers are ready", |health| VECTORS.iter().all(|(tier, _)| ready(health, tier)));
    let health = health.await;
    (server, health["tiers"].clone())
}

/// Files of vectors, whole or not.
fn vectors_in(state: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(state).unwrap().map(|entry| entry.unwrap().path());
    let is_of_tier =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_str().unwrap().starts_with("tier"));
    let mut files: Vec<PathBuf> = files.filter(is_of_tier).collect();
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn tiers_serve_without_saved_vectors_on_a_full_disk_and_save_them_at_the_next_start_with_room() {
    let mut world = World::new(&format!("{QUICK}[tier2]\nenabled = true\npercentage = 100\n"));
    // Vectors that take more than the databases give back when they are opened.
    let more = |n: u32| format!("Person {n}\ttrade {n}\tPlace {n}\n");
    let facts: String = std::iter::once(FACTS.to_owned()).chain((0..100).map(more)).collect();
    std::fs::write(world.path("kb/facts.tsv"), facts).unwrap();
    let state = world.state();
    std::fs::create_dir(&state).unwrap();
    let Some(disk) = SmallDisk::mount(&state, 4) else {
        eprintln!("skipped: this user may not mount a small file system");
        return;
    };
    // A first start, without models and so without vectors, takes the room that everything else needs.
    start(&world).await.0.stop().await;
    disk.fill().unwrap();
    world = world.with_models();

    let (server, tiers) = start(&world).await;
    let events = server.admin(Method::GET, "/admin/v1/events?since=0").header("accept", "application/json");
    let (_, events) = document(events).await;
    for (tier, file) in VECTORS {
        let reasons = tiers[tier]["reasons"].to_string();
        let told = |event: &&Value| event["event"] == "tier_changed" && event["tier"] == tier;
        let told = events["events"].as_array().unwrap().iter().rfind(told).unwrap();
        for said in [reasons, told.to_string()] {
            assert!(said.contains(file) && said.contains("No space left on device"), "{said}");
        }
    }
    assert_eq!(vectors_in(&state), Vec::<PathBuf>::new());
    let question = json!({"query": {"text": "Where was Albert Einstein born?"}});
    let (_, answer) = document(server.public(Method::POST, "/v1/find_facts").json(&question)).await;
    assert_eq!(answer["data"]["enhancement"]["answers"], json!(["Ulm"]), "{answer}");
    server.stop().await;

    disk.clear().unwrap();
    let (server, tiers) = start(&world).await;
    assert!(!tiers.to_string().contains("saved"), "{tiers}");
    assert_eq!(vectors_in(&state), VECTORS.map(|(_, file)| state.join(file)));
    server.stop().await;
}
