//! What each verb does, beside the ways in which it can end.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::exits::watching;
use crate::fake::Knobs;
use crate::world::World;

const COMPLETED: i32 = 0;
const PRECONDITION: i32 = 3;
const STOPPED: i32 = 5;
const ABORTED: i32 = 7;

fn check(world: &World, arguments: &[&str], exit: i32, said: &str) -> String {
    let (code, out, err) = world.run(arguments);
    assert_eq!(code, exit, "{out}\n{err}");
    assert!(format!("{out}{err}").contains(said), "`{said}` is not in\n{out}\n{err}");
    out
}

/// Waits until the run's journal has this text.
fn until_journalled(world: &World, text: &str) {
    let journal = world.runs().pop().unwrap().join("journal.jsonl");
    let end = Instant::now() + Duration::from_secs(60);
    while !std::fs::read_to_string(&journal).unwrap().contains(text) {
        assert!(Instant::now() < end, "the journal never has `{text}`");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn status(world: &World) -> Value {
    let (_, out, _) = world.run(&["--json", "status"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    document["rollout"]["progress"]["status"].clone()
}

#[test]
fn a_paused_run_waits_and_goes_on_with_its_step_when_told_to_retry() {
    let world = World::new(Knobs::default());
    let mut child = watching(&world);
    check(&world, &["pause", "--dry-run"], COMPLETED, "would ask quick2-");
    check(&world, &["pause"], COMPLETED, ": pause; it takes it up within seconds");
    until_journalled(&world, "\"command\":\"pause\"");
    assert_eq!(status(&world), "paused");
    check(&world, &["retry"], COMPLETED, ": retry; it takes it up within seconds");
    until_journalled(&world, "\"command\":\"retry\"");
    assert_eq!(status(&world), "running");
    check(&world, &["abort"], COMPLETED, ": abort; it takes it up within seconds");
    assert_eq!(child.wait().unwrap().code(), Some(ABORTED));
    check(&world, &["attach"], ABORTED, "ended by the operator");
}

#[test]
fn pause_without_a_run_says_that_there_is_none() {
    check(&World::new(Knobs::default()), &["pause"], PRECONDITION, "error[no-run]:");
}

#[test]
fn attach_tells_the_whole_run() {
    let world = World::new(Knobs::default());
    check(&world, &["phase1"], COMPLETED, "completed");
    let told = check(&world, &["attach"], COMPLETED, ": completed");
    for step in ["environment", "zero-impact", "criteria"] {
        assert!(told.contains(step), "`{step}` is not in\n{told}");
    }
}

#[test]
fn a_report_is_one_page_without_outside_assets_and_one_document() {
    let world = World::new(Knobs::default());
    check(&world, &["phase1"], COMPLETED, "completed");
    let folder = world.path("reports");
    check(&world, &["report", "--out", folder.to_str().unwrap()], COMPLETED, "report.html");
    let page = std::fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"), "{page}");
    for asset in ["src=", "<link", "@import", "url(", "<script"] {
        assert!(!page.contains(asset), "the page has `{asset}`");
    }
    let document: Value =
        serde_json::from_slice(&std::fs::read(folder.join("report.json")).unwrap()).unwrap();
    assert_eq!((&document["version"], &document["end"]), (&1.into(), &"completed".into()));
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, 2);
}

#[test]
fn a_licence_is_accepted_on_the_server_only_when_the_operator_says_so() {
    let world = World::new(Knobs { asks_to_accept: true, ..Knobs::default() });
    check(&world, &["phase1"], STOPPED, "the licence has not been accepted");
    check(&world, &["phase1", "--accept-licence"], COMPLETED, "completed");
}

/// A catalogue with one model, a file on this machine whose digest nobody knows.
fn catalogue(world: &World) {
    let text = format!(
        "version = 1\n[models.small]\nrepository = \"a/b\"\nrevision = \"main\"\nlicence = \"MIT\"\nquantisation = \"none\"\n[[models.small.files]]\n\
         name = \"weights.bin\"\nsources = [{{ path = \"{}\" }}]\n",
        world.path("weights").display()
    );
    std::fs::write(world.path("models.toml"), text).unwrap();
}

#[test]
fn a_model_is_verified_once_it_is_pulled_and_pinned() {
    let world = World::new(Knobs::default());
    catalogue(&world);
    check(&world, &["models", "verify"], PRECONDITION, "small/weights.bin: missing");
    std::fs::write(world.path("weights"), b"weights").unwrap();
    check(&world, &["models", "pin", "small", "--dry-run"], COMPLETED, "would record 1 digests");
    check(&world, &["models", "pull", "small"], COMPLETED, "small/weights.bin");
    check(&world, &["models", "verify"], PRECONDITION, "small/weights.bin: unpinned");
    check(&world, &["models", "pin", "small"], COMPLETED, "small/weights.bin: pinned");
    let pinned = std::fs::read_to_string(world.path("models.toml")).unwrap();
    assert!(pinned.contains("sha256 = ") && pinned.contains("size = 7"), "{pinned}");
    check(&world, &["models", "verify"], COMPLETED, "small/weights.bin: verified");
    check(&world, &["models", "pin", "small"], COMPLETED, "every digest was there");
    std::fs::write(world.path("weights"), b"Weights").unwrap();
    check(&world, &["models", "verify"], PRECONDITION, "small/weights.bin: damaged");
    check(&world, &["models", "verify", "smal"], 2, "error[unknown-model]:");
}

/// `doctor` in a world, where ONNX Runtime is as `library` says.
fn doctor(world: &World, library: &Path, exit: i32) -> String {
    let output = world.deployctl(&["doctor"]).env("ORT_DYLIB_PATH", library).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(exit), "{text}");
    text
}

#[test]
fn doctor_finds_nothing_in_the_way_of_a_good_machine() {
    let world = World::new(Knobs::default());
    let library = world.path("suite.jsonl");
    let seen = doctor(&world, &library, COMPLETED);
    assert!(!seen.contains("BAD") && seen.contains("no run holds the server"), "{seen}");
}

#[test]
fn doctor_says_how_to_mend_a_bad_machine() {
    let world = World::new(Knobs { no_facts: true, held_by: Some("other-run"), ..Knobs::default() });
    std::fs::write(world.path("phase2.toml"), "phase = 2").unwrap();
    let seen = doctor(&world, &world.path("nowhere.so"), PRECONDITION);
    for found in ["plan check", "nowhere.so", "it has no facts", "other-run", "hint: "] {
        assert!(seen.contains(found), "`{found}` is not in\n{seen}");
    }
}

#[test]
fn completions_of_every_shell_name_every_verb() {
    let world = World::new(Knobs::default());
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = check(&world, &["completions", shell], COMPLETED, "deployctl");
        for verb in ["phase1", "phase2", "pause", "retry", "attach", "report", "doctor"] {
            assert!(script.contains(verb), "{shell} has no {verb}");
        }
    }
}

#[test]
fn an_error_names_its_page_to_people_and_programs() {
    let world = World::new(Knobs::default());
    check(&world, &["report"], 2, "error[run-not-found]: ");
    let (code, out, _) = world.run(&["--json", "attach", "nothing"]);
    let complaint: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &complaint["code"]), (2, &"run-not-found".into()));
}

#[test]
fn a_run_is_asked_for_by_its_name_and_by_no_path() {
    let world = World::new(Knobs::default());
    check(&world, &["phase1"], COMPLETED, "completed");
    for run in ["", ".", "..", "../runs", "/"] {
        check(&world, &["report", run], 2, "run-not-found");
    }
}

#[test]
fn programs_read_every_fault_of_a_plan() {
    let world = World::new(Knobs::default());
    let plan = std::fs::read_to_string(world.path("phase1.toml")).unwrap();
    std::fs::write(world.path("phase1.toml"), plan.replace("blocks = 10", "blocks = 1\nblokcs = 2")).unwrap();
    let path = world.path("phase1.toml");
    let out = check(&world, &["--json", "plan", "check", path.to_str().unwrap()], 2, "plan-invalid");
    let document: Value = serde_json::from_str(&out).unwrap();
    let details = document["details"].as_array().unwrap();
    assert_eq!(details.len(), 2, "{document}");
    assert!(details.iter().any(|fault| fault.as_str().unwrap().contains("blokcs")), "{document}");
}

#[test]
fn a_wrong_row_of_a_suite_is_named_by_the_file_that_it_is_in() {
    let world = World::new(Knobs::default());
    std::fs::write(world.path("suite.jsonl"), "{\"id\"\n").unwrap();
    check(&world, &["phase2"], 2, "suite.jsonl` line 1: no row");
}

#[test]
fn what_a_run_could_not_use_is_refused_by_the_check_and_before_a_run_asks_the_server() {
    let world = World::new(Knobs::default());
    let plan = std::fs::read_to_string(world.path("phase2.toml")).unwrap();
    let refused = |said: &str| {
        let file = world.path("phase2.toml");
        check(&world, &["plan", "check", file.to_str().unwrap()], 2, said);
        check(&world, &["phase2"], 2, said);
        assert!(world.runs().is_empty(), "a run has begun");
    };
    std::fs::write(world.path("phase2.toml"), plan.replace("\"tier1\"", "\"tier2\"")).unwrap();
    refused("5:8: tier: `tier2` is not the tier of phase 2; accepted: `tier1`");
    std::fs::write(world.path("phase2.toml"), plan).unwrap();
    std::fs::write(world.path("suite.jsonl"), "\n \n").unwrap();
    refused("suite.jsonl` has no row of a suite; accepted: one or more");
}

#[test]
fn the_completion_script_ends_quietly_where_its_reader_does() {
    use std::process::Stdio;
    let world = World::new(Knobs::default());
    let mut deployctl = world.deployctl(&["completions", "bash"]);
    let mut child = deployctl.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(COMPLETED), &b""[..]));
}
