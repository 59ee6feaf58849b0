//! A run whose process died after its last entry: whoever goes on with it brings it to a close, and nobody does so twice.

use std::path::{Path, PathBuf};

use find_facts_deployctl::client::AdminClient;
use serde_json::{Value, json};

use crate::fake::Knobs;
use crate::world::World;

fn name(run: &Path) -> &str {
    run.file_name().unwrap().to_str().unwrap()
}

fn admin(world: &World) -> AdminClient {
    // A second test of the process finds the provider installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    AdminClient::new(world.fake.url().parse().unwrap(), None).unwrap()
}

/// A run to its end, and then everything undone that is done after the journal's last entry.
fn killed_after_its_last_entry(world: &World, phase: &str, exit: i32) -> PathBuf {
    let (code, out, err) = world.run(&[phase]);
    assert_eq!(code, exit, "{out}\n{err}");
    let run = world.runs().pop().unwrap();
    for report in ["report.html", "report.json"] {
        std::fs::remove_file(run.join(report)).unwrap();
    }
    let index = world.path("runs/index.json");
    let mut document: Value = serde_json::from_slice(&std::fs::read(&index).unwrap()).unwrap();
    document["runs"][0]["status"] = json!("running");
    std::fs::write(&index, document.to_string()).unwrap();
    let lease = json!({"run": name(&run), "holder": "a dead process", "ttl_seconds": 300.0});
    let _taken: Value = admin(world).put("/admin/v1/lease", &lease).unwrap();
    run
}

/// The words, in which `RUN` stands for the run's name, close the run and end as it ended.
fn check(phase: &str, words: &[&str], exit: i32, status: &str) {
    let knobs = Knobs { fails: phase == "phase2", ..Knobs::default() };
    let world = World::new(knobs);
    let run = killed_after_its_last_entry(&world, phase, exit);
    let journal = std::fs::read(run.join("journal.jsonl")).unwrap();
    let words: Vec<&str> = words.iter().map(|word| if *word == "RUN" { name(&run) } else { word }).collect();
    let (code, out, err) = world.run(&words);
    assert_eq!(code, exit, "{out}\n{err}");
    assert!(run.join("report.html").is_file() && run.join("report.json").is_file());
    let lease: Value = admin(&world).get("/admin/v1/lease").unwrap();
    assert_eq!(lease, Value::Null, "the lease was given back");
    let shown: Value = admin(&world).get("/admin/v1/rollout").unwrap();
    assert_eq!(
        (shown["progress"]["run"].as_str(), shown["progress"]["status"].as_str()),
        (Some(name(&run)), Some(status))
    );
    let (_, history, _) = world.run(&["--json", "history"]);
    assert!(history.contains(&format!("\"status\":\"{status}\"")), "{history}");
    assert_eq!(std::fs::read(run.join("journal.jsonl")).unwrap(), journal, "the end is written down once");
    assert_eq!(world.runs().len(), 1, "{out}");
}

#[test]
fn resume_without_a_name_closes_the_last_run() {
    check("phase1", &["resume"], 0, "completed");
}

#[test]
fn resume_by_name_closes_the_run() {
    check("phase1", &["resume", "RUN"], 0, "completed");
}

#[test]
fn the_same_phase_asked_for_again_closes_its_run() {
    check("phase1", &["phase1"], 0, "completed");
}

#[test]
fn a_run_that_was_rolled_back_is_closed_with_6() {
    check("phase2", &["resume"], 6, "rolled_back");
}

#[test]
fn no_command_reaches_a_run_that_is_over() {
    check("phase2", &["abort", "RUN"], 6, "rolled_back");
}

#[test]
fn a_closed_run_is_left_alone() {
    let world = World::new(Knobs::default());
    let run = killed_after_its_last_entry(&world, "phase1", 0);
    assert_eq!(world.run(&["resume"]).0, 0);
    std::fs::remove_file(run.join("report.json")).unwrap();
    let (code, out, _) = world.run(&["resume", name(&run)]);
    assert_eq!((code, out.trim_end()), (0, &*format!("{} has ended: completed", name(&run))));
    let (code, _, err) = world.run(&["resume"]);
    assert_eq!(code, 3, "nobody is there to resume: {err}");
    assert!(!run.join("report.json").exists());
}
