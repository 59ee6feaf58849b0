//! Every documented exit code, reached as a user would reach it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::fake::Knobs;
use crate::world::World;

fn check(knobs: Knobs, arguments: &[&str], exit: i32, said: &str) -> World {
    let world = World::new(knobs);
    let (code, out, err) = world.run(arguments);
    assert_eq!(code, exit, "{out}\n{err}");
    assert!(format!("{out}{err}").contains(said), "`{said}` is not in\n{out}\n{err}");
    world
}

/// Starts a run of Phase 2 and waits until it has looked at its figures three times.
pub(crate) fn watching(world: &World) -> std::process::Child {
    let child = world.deployctl(&["phase2"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let before = looks(world);
    let until = Instant::now() + Duration::from_secs(60);
    while looks(world) < before + 3 {
        assert!(Instant::now() < until, "the run never came to its watch");
        std::thread::sleep(Duration::from_millis(100));
    }
    child
}

fn looks(world: &World) -> usize {
    let journal = world.runs().pop().map(|run| std::fs::read_to_string(run.join("journal.jsonl")));
    journal.and_then(Result::ok).map_or(0, |text| text.matches("\"look\":").count())
}

#[test]
fn a_phase_that_shows_everything_completes_with_0_and_reports() {
    let world = check(Knobs::default(), &["phase1"], 0, "completed");
    let run = world.runs().pop().unwrap();
    let report = std::fs::read_to_string(run.join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!((report["end"].as_str(), report["exit"].as_u64()), (Some("completed"), Some(0)));
    assert!(report["criteria"].as_array().is_some_and(|rows| rows.iter().all(|row| row["met"] == true)));
    assert!(std::fs::read_to_string(run.join("report.html")).unwrap().contains("zero impact"));
}

#[test]
fn a_rehearsal_completes_with_0_and_says_in_every_line_that_it_is_one() {
    let world = World::new(Knobs::default());
    let (code, out, err) = world.run(&["phase2", "--time-scale", "720"]);
    assert_eq!(code, 0, "{out}\n{err}");
    let of_run = out.lines().take_while(|line| !line.contains("criteria of"));
    assert!(of_run.clone().all(|line| line.starts_with("REHEARSAL ×720 ")), "{out}");
    let (_, out, _) = world.run(&["report"]);
    assert!(out.starts_with("REHEARSAL ×720"), "{out}");
}

#[test]
fn a_damaged_journal_is_1() {
    let world = check(Knobs::default(), &["phase1"], 0, "completed");
    let journal = world.runs().pop().unwrap().join("journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, text.replacen("environment", "environmenT", 1)).unwrap();
    let (code, _, err) = world.run(&["resume"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("checksum"), "{err}");
}

#[test]
fn a_wrong_command_line_or_plan_is_2() {
    check(Knobs::default(), &["phase1", "--time-scale", "0"], 2, "accepted");
    let world = World::new(Knobs::default());
    let plan = std::fs::read_to_string(world.path("phase1.toml")).unwrap();
    std::fs::write(world.path("phase1.toml"), plan.replace("blocks = 10", "blocks = 1")).unwrap();
    let (code, _, err) = world.run(&["phase1"]);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("impact.blocks"), "{err}");
    assert!(world.runs().is_empty());
}

#[test]
fn a_plan_of_another_phase_is_2_and_nothing_begins() {
    let world = World::new(Knobs::default());
    for (verb, plan) in [("phase1", "phase2.toml"), ("phase2", "phase1.toml")] {
        let (code, out, err) = world.run(&[verb, "--plan", world.path(plan).to_str().unwrap()]);
        assert_eq!(code, 2, "{out}\n{err}");
        assert!(err.contains("is a plan of phase"), "{err}");
    }
    assert!(world.runs().is_empty());
}

#[test]
fn an_address_that_no_server_has_is_2() {
    for address in ["nonsense", "ftp://127.0.0.1", "http://127.0.0.1:7071/admin", "127.0.0.1:7071"] {
        let mut deployctl = assert_cmd::Command::cargo_bin("deployctl").unwrap();
        deployctl.args(["--server", address, "status"]).assert().code(2);
    }
}

#[test]
fn a_phase_that_cannot_begin_is_3() {
    let knobs = Knobs { no_facts: true, ..Knobs::default() };
    check(knobs, &["phase1"], 3, "the knowledge base has 0 facts");
    let knobs = Knobs { token: Some("secret"), ..Knobs::default() };
    check(knobs, &["flags", "get"], 3, "--admin-token-file");
}

#[test]
fn an_interrupted_run_is_4_and_goes_on_when_its_phase_is_asked_for_again() {
    let world = World::new(Knobs::default());
    let mut child = watching(&world);
    assert!(
        std::process::Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(4));
    assert_eq!(world.run(&["attach"]).0, 4);

    let mut child = watching(&world);
    assert_eq!(world.runs().len(), 1);
    let (code, _, err) = world.run(&["promote"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(world.run(&["attach"]).0, 0);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_phase_that_changes_legacy_answers_is_5() {
    check(Knobs { differs: true, ..Knobs::default() }, &["phase1"], 5, "differ from exact");
}

#[test]
fn a_harmful_canary_is_6() {
    let world = check(Knobs { fails: true, ..Knobs::default() }, &["phase2"], 6, "rolled back: harmful");
    let (_, flags, _) = world.run(&["--json", "flags", "get"]);
    let flags: serde_json::Value = serde_json::from_str(&flags).unwrap();
    assert_eq!(flags["flags"]["tier1_entity_linking"]["enabled"], false);
}

#[test]
fn an_aborted_run_is_7() {
    let world = World::new(Knobs::default());
    let mut child = watching(&world);
    assert_eq!(world.run(&["abort"]).0, 0);
    assert_eq!(child.wait().unwrap().code(), Some(7));
}

#[test]
fn a_server_out_of_reach_is_8() {
    let mut deployctl = assert_cmd::Command::cargo_bin("deployctl").unwrap();
    deployctl.args(["--server", "http://127.0.0.1:1", "status"]).assert().code(8);
}

#[test]
fn a_run_that_never_began_is_not_said_to_stay_open() {
    let world = World::new(Knobs { held_by: Some("other-run"), ..Knobs::default() });
    let (code, _, err) = world.run(&["phase1"]);
    assert_eq!(code, 9, "{err}");
    assert!(err.contains("did not begin") && !err.contains("deployctl resume"), "{err}");
    let mut deployctl = assert_cmd::Command::cargo_bin("deployctl").unwrap();
    deployctl.args(["--server", "http://127.0.0.1:1", "phase1", "--plans"]).arg(world.path(""));
    let output = deployctl.arg("--runs").arg(world.path("runs")).assert().code(8).get_output().stderr.clone();
    let err = String::from_utf8(output).unwrap();
    assert!(err.contains("did not begin") && !err.contains("deployctl resume"), "{err}");
    assert!(world.runs().is_empty());
}

#[test]
fn a_server_held_by_another_run_is_9_and_leaves_nothing_behind() {
    let knobs = Knobs { held_by: Some("other-run"), ..Knobs::default() };
    let world = check(knobs, &["phase1"], 9, "other-run");
    assert!(world.runs().is_empty());
}
