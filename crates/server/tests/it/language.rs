//! Language models in the server's memory: loaded, counted, unloaded, and gone with the server.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use find_facts_testkit::gguf::tiny_model;
use serde_json::{Value, json};

use crate::process::start;
use crate::world::{Http, QUICK, World, document};

/// A world whose catalogue has two small models, a damaged one, one that is not there, a FIFO, and one of another kind.
fn world(limits: &str) -> World {
    let world = World::new("");
    let mut catalogue = "version = 1\n".to_owned();
    for id in ["one", "two", "bad", "absent", "fifo"] {
        let file = world.path(&format!("{id}.gguf"));
        match id {
            "one" => std::fs::write(&file, tiny_model(1)).unwrap(),
            "two" => std::fs::write(&file, tiny_model(2)).unwrap(),
            "bad" => std::fs::write(&file, "GGUF").unwrap(),
            "fifo" => assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success()),
            _ => {}
        }
        catalogue.push_str(&format!(
            "[models.{id}]\nrepository = \"tests/{id}\"\nrevision = \"main\"\nquantisation = \"F32\"\nlicence = \"MIT\"\n\
             licence_url = \"https://example.org\"\n[[models.{id}.files]]\nname = \"{id}.gguf\"\nsources = [{{ path = {file:?} }}]\n"
        ));
    }
    catalogue.push_str(
        "[models.embedder]\nrepository = \"tests/embedder\"\nrevision = \"main\"\nquantisation = \"int8\"\nlicence = \"MIT\"\n\
         licence_url = \"https://example.org\"\n[[models.embedder.files]]\nname = \"model.onnx\"\nsources = [{ path = \"/nowhere\" }]\n",
    );
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
fn workers(world: &World) -> Vec<String> {
    let of_this_world = |entry: &std::fs::DirEntry| {
        let maps = std::fs::read_to_string(entry.path().join("maps")).unwrap_or_default();
        maps.contains(world.path("one.gguf").to_str().unwrap())
    };
    let workers = std::fs::read_dir("/proc").unwrap().flatten().filter(of_this_world);
    workers.map(|entry| entry.file_name().to_str().unwrap().to_owned()).collect()
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
    assert!(workers(&world).is_empty());
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_worker_outlives_a_server_that_is_killed() {
    let world = world("");
    let (process, client) = start(&world);
    client.post("/admin/v1/models/one/load", json!({})).await;
    until(&client, "one", "loaded").await;
    assert_eq!(workers(&world).len(), 1);
    process.signal(libc::SIGKILL);
    process.ends();
    let end = Instant::now() + Duration::from_secs(10);
    while !workers(&world).is_empty() {
        assert!(Instant::now() < end, "a worker lives on");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_whose_worker_cannot_come_back_is_not_called_loaded() {
    let world = world("");
    let (process, client) = start(&world);
    client.post("/admin/v1/models/one/load", json!({})).await;
    until(&client, "one", "loaded").await;
    let [worker] = <[String; 1]>::try_from(workers(&world)).unwrap();
    let replace = |content: &[u8]| {
        std::fs::write(world.path("new"), content).unwrap();
        std::fs::rename(world.path("new"), world.path("one.gguf")).unwrap();
    };
    replace(b"GGUF");
    assert!(std::process::Command::new("kill").args(["-9", &worker]).status().unwrap().success());
    until(&client, "one", "loading").await;
    let (_, health) = client.get("/admin/v1/health").await;
    let report = health["models"].as_array().unwrap().iter().find(|report| report["id"] == "one").unwrap();
    assert_eq!((&report["loaded"], &report["memory_bytes"]), (&json!(false), &Value::Null), "{report}");
    replace(&tiny_model(1));
    until(&client, "one", "loaded").await;
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}

/// A question that words leave open between two relations, each time written in other letters, so that no cache has it.
fn question() -> String {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let asked = ASKED.fetch_add(1, Ordering::Relaxed);
    let letter = |(at, letter): (usize, char)| {
        if asked >> at & 1 == 1 { letter.to_ascii_uppercase() } else { letter }
    };
    let word: String = "tory".chars().chain("hat".chars()).enumerate().map(letter).collect();
    format!("W{} was the s{} of Solaris by?", &word[4..], &word[..4])
}

/// Asks it. Whether a model took part, and how long that took.
async fn ask(client: &Http) -> (bool, Duration) {
    let body = json!({"query": {"text": question()}, "min_confidence": 0.01});
    let begun = Instant::now();
    let (status, answer) = document(client.public(reqwest::Method::POST, "/v1/find_facts").json(&body)).await;
    assert_eq!(status, 200, "{answer}");
    let models = answer["data"]["enhancement"]["models"].as_array();
    (models.is_some_and(|models| !models.is_empty()), begun.elapsed())
}

/// A world whose Tier 2 is on for everybody and has this model for that question.
fn world_with_tier2(model: &str, further: &str) -> World {
    let on = "enabled = true\npercentage = 100\ncache_size = 0";
    let world = world(&format!("[tier2]\n{on}\nmodel = \"{model}\"\n{further}"));
    let stories = "Solaris\tscreen story by\tFridrikh Gorenshtein\nSolaris\tshort story by\tStanislaw Lem\n";
    std::fs::write(world.path("kb/facts.tsv"), stories).unwrap();
    world
}

/// Waits until Tier 2 is ready and gives this reason, or none where it is empty.
async fn until_ready(client: &Http, reason: &str) {
    let is_there = |health: &Value| {
        let tier = &health["tiers"]["tier2"];
        let of_the_model = |text: &Value| text.as_str().unwrap().contains("language model");
        let reasons = tier["reasons"].as_array().unwrap();
        let told = reasons.iter().find(|text| of_the_model(text)).map_or("", |text| text.as_str().unwrap());
        tier["state"] == "ready" && told.is_empty() == reason.is_empty() && told.contains(reason)
    };
    client.until(&format!("tier 2 is ready, `{reason}`"), is_there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_hangs_holds_nobody_up_and_is_replaced() {
    /// What a question may spend in Tier 2, and what may come on top.
    const DEADLINE: Duration = Duration::from_millis(300);
    const ON_TOP: Duration = Duration::from_millis(100);
    let world = world_with_tier2("one", "timeout_ms = 300\n");
    let (process, client) = start(&world);
    until_ready(&client, "").await;
    assert!(ask(&client).await.0, "the model takes no part");
    let [hanging] = <[String; 1]>::try_from(workers(&world)).unwrap();
    let stopped = std::process::Command::new("kill").args(["-STOP", &hanging]).status().unwrap();
    assert!(stopped.success());
    let (end, mut took) = (Instant::now() + Duration::from_secs(30), Vec::new());
    while workers(&world).contains(&hanging) {
        took.push(ask(&client).await.1);
        assert!(Instant::now() < end, "{hanging} hangs on");
        // Few enough that health does not judge the tier by them.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    took.sort_unstable();
    // It is not waited for every time: what is too late is asked less and less.
    assert!(took[took.len() - 1] >= DEADLINE / 2, "the model was not waited for: {took:?}");
    // Of ten callers one may have met another test's burst.
    assert!(took[took.len() * 9 / 10 - 1] < DEADLINE + ON_TOP, "{took:?}");
    while !ask(&client).await.0 {
        assert!(Instant::now() < end, "the model does not come back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!workers(&world).contains(&hanging));
    let events = client.admin(reqwest::Method::GET, "/admin/v1/events?since=0");
    let (_, list) = document(events.header("accept", "application/json")).await;
    let events = list["events"].as_array().unwrap();
    let told = |event: &str| events.iter().find(|told| told["event"] == event).unwrap();
    assert_eq!(told("worker_died")["reason"], "it went on for a caller that had gone");
    assert_eq!(told("worker_died")["rest_ms"], 100);
    assert_eq!(told("worker_returned")["model"], "one");
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tier_says_that_its_model_is_not_in_memory_and_why_until_it_is_back() {
    let world = world_with_tier2("one", "[limits]\nmodels_loaded = 1\n");
    let (process, client) = start(&world);
    until_ready(&client, "").await;
    assert!(ask(&client).await.0, "the model takes no part");
    assert_eq!(client.post("/admin/v1/models/one/unload", json!({})).await.0, 200);
    until_ready(&client, "works without its language model `one`: it was unloaded").await;
    assert!(!ask(&client).await.0);
    assert_eq!(client.post("/admin/v1/models/one/load", json!({})).await.0, 202);
    until_ready(&client, "").await;
    assert!(ask(&client).await.0, "the model does not come back");
    assert_eq!(client.post("/admin/v1/models/two/load", json!({})).await.0, 202);
    until_ready(&client, "it made room for `two`").await;
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tier_that_came_up_without_its_model_has_it_as_soon_as_it_is_loaded() {
    let world = world_with_tier2("absent", "");
    let (process, client) = start(&world);
    until_ready(&client, "absent.gguf").await;
    assert!(!ask(&client).await.0);
    std::fs::write(world.path("absent.gguf"), tiny_model(3)).unwrap();
    assert_eq!(client.post("/admin/v1/models/absent/load", json!({})).await.0, 202);
    until_ready(&client, "").await;
    assert!(ask(&client).await.0, "the model takes no part");
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}

/// Initialises Tier 2 with the parameters that it has.
async fn initialise_again(client: &Http, model: &str) {
    let generation = client.generation().await;
    let same = json!({"model": model, "cache_size": 0});
    let (status, written) = client.post("/admin/v1/tiers/tier2", same).await;
    assert_eq!((status, &written["generation"]), (202, &json!(generation)), "{written}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tier_initialised_again_has_the_model_that_was_not_to_be_had() {
    let world = world_with_tier2("absent", "");
    let (process, client) = start(&world);
    until_ready(&client, "absent.gguf").await;
    std::fs::write(world.path("absent.gguf"), "GGUF").unwrap();
    initialise_again(&client, "absent").await;
    until_ready(&client, "cut short").await;
    std::fs::write(world.path("absent.gguf"), tiny_model(3)).unwrap();
    initialise_again(&client, "absent").await;
    until_ready(&client, "").await;
    assert!(ask(&client).await.0, "the model takes no part");
    assert_eq!(client.post("/admin/v1/models/absent/unload", json!({})).await.0, 200);
    initialise_again(&client, "absent").await;
    until_ready(&client, "").await;
    assert!(ask(&client).await.0, "the model takes no part");
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tier_asks_no_other_weights_than_it_began_with_until_it_is_initialised_again() {
    let world = world_with_tier2("one", "");
    let (process, client) = start(&world);
    until_ready(&client, "").await;
    assert_eq!(client.post("/admin/v1/models/one/unload", json!({})).await.0, 200);
    std::fs::write(world.path("one.gguf"), tiny_model(3)).unwrap();
    assert_eq!(client.post("/admin/v1/models/one/load", json!({})).await.0, 202);
    until_ready(&client, "its file has changed; initialise the tier again").await;
    assert!(!ask(&client).await.0);
    initialise_again(&client, "one").await;
    until_ready(&client, "").await;
    assert!(ask(&client).await.0, "the model takes no part");
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
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
        ("fifo", 409, "model-absent", "is no file, but a folder, a FIFO"),
        ("bad", 422, "language-model-not-loadable", "cut short"),
    ] {
        let (found, problem) = client.post(&format!("/admin/v1/models/{id}/load"), json!({})).await;
        assert_eq!(found, status, "{problem}");
        assert_eq!(problem["type"], format!("urn:find-facts:error:{code}"));
        assert!(problem["detail"].as_str().unwrap().contains(reason), "{problem}");
    }
    assert_eq!(client.post("/admin/v1/models/nothing/unload", json!({})).await.0, 404);
    assert_eq!(client.post("/admin/v1/models/one/unload", json!({})).await.0, 200);
    let (status, problem) = client.post("/admin/v1/models/embedder/unload", json!({})).await;
    assert_eq!((status, &problem["type"]), (409, &json!("urn:find-facts:error:embedding-model")));
    assert!(problem["detail"].as_str().unwrap().contains("leaves memory with"), "{problem}");
    process.signal(libc::SIGTERM);
    assert_eq!(process.ends(), 0);
}
