//! Starts, stops, the red button.

use std::time::{Duration, Instant};

use find_facts_server::StartError;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{QUICK, World, is_linked};

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_the_generation_whatever_the_configuration_says() {
    let world = World::new("tier1.percentage = 7");
    let server = world.start().await;
    server.set_percentage(8.0).await;
    server.stop().await;
    world.configure("tier1.percentage = 9");
    let server = world.start().await;
    let (_, flags) = server.get("/admin/v1/flags").await;
    assert_eq!(
        (&flags["generation"], &flags["flags"]["tier1_entity_linking"]["percentage"]),
        (&json!(2), &json!(8.0))
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_cannot_share_a_state_folder() {
    let world = World::new(QUICK);
    let server = world.start().await;
    let refused = world.try_start().await.map(|_| ()).unwrap_err();
    assert!(matches!(&refused, StartError::State(_)), "{refused}");
    assert!(refused.to_string().contains("in use by another server"), "{refused}");
    server.stop().await;
    world.start().await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_red_button_is_seen_within_a_second() {
    let world = World::new(QUICK);
    let server = world.start().await;
    server.tier1_ready().await;
    assert!(is_linked(&server.ask_as("anybody", "A. Einstein").await));
    let button = world.state().join("DISABLE");
    for (pressed, linked) in [(true, false), (false, true)] {
        if pressed {
            std::fs::write(&button, "").unwrap()
        } else {
            std::fs::remove_file(&button).unwrap()
        }
        let since = Instant::now();
        while is_linked(&server.ask_as("anybody", "A. Einstein").await) != linked {
            assert!(since.elapsed() < Duration::from_secs(1), "not seen within a second");
        }
        let (_, health) = server.get("/admin/v1/health").await;
        assert_eq!(health["masks"].as_array().unwrap().is_empty(), linked, "{}", health["masks"]);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_off_of_the_environment_masks_what_is_stored_and_is_shown() {
    let world = World::new(QUICK);
    world.start().await.stop().await;
    let world = world.env("ENABLE_TIER1", "false");
    let server = world.start().await;
    server.tier1_ready().await;
    assert!(!is_linked(&server.ask_as("anybody", "A. Einstein").await));
    let (_, flags) = server.get("/admin/v1/flags").await;
    assert_eq!(flags["flags"]["tier1_entity_linking"]["enabled"], true);
    assert_eq!(flags["masks"], json!(["tier1: `ENABLE_TIER1=false` is set in the environment"]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_request_does_not_hold_up_a_stop() {
    let world = World::new(&format!("tier1.enabled = false\n{QUICK}"));
    let server = world.start().await;
    let address = server.server.public_address();
    let mut half = TcpStream::connect(address).await.unwrap();
    half.write_all(b"POST /v1/find_").await.unwrap();
    let silent = TcpStream::connect(address).await.unwrap();
    assert_eq!(server.ask_as("me", "Ulm").await["data"]["count"], 1);
    let since = Instant::now();
    server.stop().await;
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    drop((half, silent));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_requests_under_way_end() {
    let world = World::new(&format!(
        "faults.enabled = true\ntier1.timeout_ms = 9000\nlimits.enhancement_timeout_ms = 9000\n{QUICK}"
    ));
    let server = world.start().await;
    server.tier1_ready().await;
    let slow = json!({"faults": [{"tier": "tier1", "kind": {"kind": "latency", "ms": 400}, "share": 1.0}]});
    assert_eq!(server.put("/admin/v1/faults", slow).await.0, 200);
    let client = server.client.clone();
    let asked = tokio::spawn(async move { client.ask_as("anybody", "A. Einstein").await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.stop().await;
    assert!(is_linked(&asked.await.unwrap()), "the request under way was cut off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_on_its_way_when_the_stop_began_is_answered_and_is_the_last_of_its_connection() {
    let world = World::new(&format!("tier1.enabled = false\n{QUICK}"));
    let server = world.start().await;
    let mut kept = TcpStream::connect(server.server.public_address()).await.unwrap();
    let body = r#"{"query":{"subject":"Ulm"}}"#;
    let request =
        format!("POST /v1/find_facts HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let mut first = vec![0; 12];
    kept.write_all(request.as_bytes()).await.unwrap();
    kept.read_exact(&mut first).await.unwrap();
    assert_eq!(first, b"HTTP/1.1 200");
    let stopped = tokio::spawn(server.stop());
    tokio::time::sleep(Duration::from_millis(50)).await;
    kept.write_all(request.as_bytes()).await.unwrap();
    let mut rest = String::new();
    kept.read_to_string(&mut rest).await.unwrap();
    let (_, second) = rest.split_once("HTTP/1.1 200 OK").unwrap();
    assert!(second.to_lowercase().contains("connection: close"), "{rest}");
    stopped.await.unwrap();
}
