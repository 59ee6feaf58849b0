//! What people and programs read.

use crate::fake::Knobs;
use crate::world::World;

fn shown(arguments: &[&str]) -> String {
    let world = World::new(Knobs::default());
    let (_, out, err) = world.run(arguments);
    let folder = world.path("");
    format!("{out}{err}")
        .replace(&world.fake.url(), "http://SERVER")
        .replace(folder.to_str().unwrap().trim_end_matches('/'), "FOLDER")
}

#[test]
fn a_plan_is_shown_step_by_step() {
    insta::assert_snapshot!(shown(&["plan", "show", "phase2.toml", "--time-scale", "720"]));
}

#[test]
fn status_shows_flags_tiers_and_rollout() {
    insta::assert_snapshot!(shown(&["status"]));
}

#[test]
fn a_dry_run_says_what_it_would_do() {
    insta::assert_snapshot!(shown(&["phase1", "--dry-run"]));
    insta::assert_snapshot!(shown(&[
        "flags",
        "set",
        "tier1_entity_linking",
        "--enabled",
        "true",
        "--dry-run"
    ]));
    insta::assert_snapshot!(shown(&["rollback", "--dry-run"]));
}

#[test]
fn a_run_for_programs_is_a_document_a_line() {
    for line in shown(&["--json", "phase1"]).lines() {
        let document: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(matches!(document["document"].as_str(), Some("run" | "note" | "ended")), "{line}");
    }
}
