//! Language models in the server's memory: loaded, counted, unloaded, and gone with the server.

use std::time::{Duration, Instant};

use find_facts_testkit::gguf::tiny_model;
use serde_json::{Value, json};

use crate::process::start;
use crate::world::{Http, QUICK, World, document};

/// A world whose catalogue has two small models, a damaged one and one that is not there.
fn world(limits: &str) -> World {
    let world = World::new("");
    let mut catalogue = "version = 1\n".to_owned();
    for (id, content) in
        [("one", Some(tiny_model(1))), ("two", Some(tiny_model(2))), ("bad", None), ("absent", None)]
    {
        let file = world.path(&format!("{id}.gguf"));
        match content {
            Some(content) => std::fs::write(&file, content).unwrap(),
            None if id == "bad" => std::fs::write(&file, "GGUF").unwrap(),
            None => {}
        }
        catalogue.push_str(&format!(
            "[models.{id}]\nrepository = \"tests/{id}\"\nrevision = \"main\"\nquantisation = \"F32\"\nlicence = \"MIT\"\n\
             licence_url = \"https://example.org\"\n[[models.{id}.files]]\nname = \"{id}.gguf\"\nsources = [{{ path = {file:?} }}]\n"
        ));
    }
    std::fs::write(world.path("models.toml"), catalogue).unwrap();
    world.configure(&format!("models.catalogue = {:?}\n{QUICK}{limits}", world.path("models.toml")));
    world
}

async fn model(client: &Http, id: &str) -> Value {
    let (_, list) = client.get("/admin/v1/models").await;
    list["models"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap().clone()
}

/// Waits until a model is where it should be; gives its row.
async fn until(client: &Http, id: &str, state: &str) -> Value {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let row = model(client, id).await;
        if row["memory"]["state"] == state {
            return row;
        }
        assert!(Instant::now() < end, "{row}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Workers of this world's server: they have its model open.
fn workers(world: &World) -> usize {
    let of_this_world = |entry: &std::fs::DirEntry| {
        let maps = std::fs::read_to_string(entry.path().join("maps")).unwrap_or_default();
        maps.contains(world.path("one.gguf").to_str().unwrap())
    };
    std::fs::read_dir("/proc").unwrap().flatten().filter(of_this_world).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_model_is_loaded_reported_and_unloaded() {
    let world = world("");
    let (process, client) = start(&world);
    assert_eq!(model(&client, "one").await["memory"], Value::Null);
    let (status, row) = client.post("/admin/v1/models/one/load", json!({})).await;
    assert_eq!((status, &row["id"]), (202, &json!("one")), "{row}");
    let row = until(&client, "one", "loaded").await;
    assert!(row["memory"]["bytes"].as_u64().unwrap() > 1_000_000, "{row}");
    assert!(row["memory"]["load_ms"].as_f64().unwrap() > 0.0, "{row}");
    let (_, health) = client.get("/admin/v1/health").await;
    let report = health["models"].as_array().unwrap().iter().find(|report| report["id"] == "one").unwrap();
    assert_eq!(report["loaded"], true);
    assert!(report["memory_bytes"].as_u64().unwrap() > 1_000_000, "{report}");
    let (status, row) = client.post("/admin/v1/models/one/unload", json!({})).await;
    assert_eq!((status, &row["memory"]), (200, &Value::Null));
    assert_eq!(workers(&world), 0);
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_worker_outlives_a_server_that_is_killed() {
    let world = world("");
    let (process, client) = start(&world);
    client.post("/admin/v1/models/one/load", json!({})).await;
    until(&client, "one", "loaded").await;
    assert_eq!(workers(&world), 1);
    process.signal(libc::SIGKILL);
    process.ends();
    let end = Instant::now() + Duration::from_secs(10);
    while workers(&world) > 0 {
        assert!(Instant::now() < end, "a worker lives on");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_recently_used_makes_room_and_what_never_fits_is_refused() {
    let world = world("[limits]\nmodels_loaded = 1\n");
    let (process, client) = start(&world);
    client.post("/admin/v1/models/one/load", json!({})).await;
    until(&client, "one", "loaded").await;
    assert_eq!(client.post("/admin/v1/models/two/load", json!({})).await.0, 202);
    until(&client, "two", "loaded").await;
    assert_eq!(model(&client, "one").await["memory"], Value::Null);
    world.configure(&format!(
        "models.catalogue = {:?}\n{QUICK}[limits]\ntotal_memory_gb = 0.001\n",
        world.path("models.toml")
    ));
    let reload = client.admin(reqwest::Method::POST, "/admin/v1/reload");
    assert_eq!(document(reload).await.0, 200);
    let (status, problem) = client.post("/admin/v1/models/one/load", json!({})).await;
    assert_eq!((status, &problem["type"]), (409, &json!("urn:find-facts:error:model-over-budget")));
    assert!(problem["detail"].as_str().unwrap().contains("of 1000000 are available"), "{problem}");
    assert_eq!(model(&client, "two").await["memory"]["state"], "loaded", "a refusal unloads nothing");
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_loaded_is_refused_with_a_reason() {
    let world = world("");
    let (process, client) = start(&world);
    for (id, status, code, reason) in [
        ("nothing", 404, "unknown-model", "nothing"),
        ("absent", 409, "model-absent", "absent.gguf"),
        ("bad", 422, "language-model-not-loadable", "cut short"),
    ] {
        let (found, problem) = client.post(&format!("/admin/v1/models/{id}/load"), json!({})).await;
        assert_eq!(found, status, "{problem}");
        assert_eq!(problem["type"], format!("urn:find-facts:error:{code}"));
        assert!(problem["detail"].as_str().unwrap().contains(reason), "{problem}");
    }
    assert_eq!(client.post("/admin/v1/models/nothing/unload", json!({})).await.0, 404);
    assert_eq!(client.post("/admin/v1/models/one/unload", json!({})).await.0, 200);
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}
