//! The lease: one run at a time, and what it keeps out.

use reqwest::Method;
use serde_json::json;

use crate::world::{World, document};

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_exclude_each_other_and_the_same_run_takes_over() {
    let world = World::with_tier1_at_zero();
    let server = world.start().await;
    let take = |run: &str, ttl: f64| json!({"run": run, "holder": "here/1", "ttl_seconds": ttl});
    let (status, lease) = server.put("/admin/v1/lease", take("a", 300.0)).await;
    assert_eq!((status, &lease["run"]), (200, &json!("a")));
    let (status, problem) = server.put("/admin/v1/lease", take("b", 300.0)).await;
    assert_eq!((status, &problem["current"]), (409, &lease));
    let by_b = server.admin(Method::POST, "/admin/v1/reload").header("x-run-id", "b");
    let (status, problem) = document(by_b.json(&json!({"expect_generation": 1, "flags": {}}))).await;
    assert_eq!((status, &problem["current"]["run"]), (409, &json!("a")));
    assert_eq!(server.set_percentage(5.0).await, 2, "an operator is never kept out");
    server.stop().await;

    let server = world.start().await;
    assert_eq!(server.get("/admin/v1/lease").await.1["run"], "a", "a restart keeps the lease");
    let again = json!({"run": "a", "holder": "there/2", "ttl_seconds": 60.0});
    assert_eq!(server.put("/admin/v1/lease", again).await.1["holder"], "there/2");
    assert_eq!(server.put("/admin/v1/lease", take("a", 0.0)).await, (200, json!(null)));
    assert_eq!(server.put("/admin/v1/lease", take("b", 1.0)).await.0, 200);
    for (body, place) in [(take(" ", 1.0), "run"), (take("a", -1.0), "ttl_seconds")] {
        let (status, problem) = server.put("/admin/v1/lease", body).await;
        assert_eq!(status, 422);
        assert!(problem["faults"][0].as_str().unwrap().starts_with(place), "{problem}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_wait_for_the_run_and_are_forgotten_once_acknowledged() {
    let world = World::with_tier1_at_zero();
    let server = world.start().await;
    let command = json!({"write": "command", "command": "pause", "by": "me"});
    assert_eq!(server.put("/admin/v1/rollout", command.clone()).await.0, 409, "there is no run");
    let lease = json!({"run": "a", "holder": "here/1", "ttl_seconds": 300});
    server.put("/admin/v1/lease", lease).await;
    let (status, state) = server.put("/admin/v1/rollout", command).await;
    assert_eq!(
        (status, &state["commands"][0]),
        (200, &json!({"id": 1, "command": "pause", "run": "a", "by": "me"}))
    );
    server.stop().await;

    let server = world.start().await;
    let report = |run: &str, acknowledge: u64| {
        json!({"write": "report", "acknowledge": acknowledge, "progress": {"run": run, "plan": "phase2", "phase": 2,
            "tier": "tier1", "step": "canary", "status": "paused", "percentage": 5.0, "observed_seconds": [1.0, 2.0],
            "verdict": null, "time_scale": 1.0, "time_ms": 1}})
    };
    let (_, state) = server.put("/admin/v1/rollout", report("a", 0)).await;
    assert_eq!(state["commands"].as_array().unwrap().len(), 1, "a restart keeps the command");
    assert_eq!(server.put("/admin/v1/rollout", report("b", 0)).await.0, 409);
    let (_, state) = server.put("/admin/v1/rollout", report("a", 1)).await;
    assert_eq!((&state["commands"], &state["progress"]["step"]), (&json!([]), &json!("canary")));
    server.stop().await;
}
