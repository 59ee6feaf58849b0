//! `deployctl phase3` against the tests' own server.

use crate::fake::Knobs;
use crate::world::World;

fn check(knobs: Knobs, exit: i32, said: &[&str]) {
    let world = World::new(Knobs { has_tier1: true, ..knobs });
    let (code, out, err) = world.run(&["phase3", "--time-scale", "720"]);
    assert_eq!(code, exit, "{out}\n{err}");
    for text in said {
        assert!(format!("{out}{err}").contains(text), "`{text}` is not in\n{out}\n{err}");
    }
}

#[test]
fn a_tier_that_understands_questions_completes_and_its_model_s_memory_is_told() {
    let verdict = "requests asked with the tier and without: too few control callers (0 of 20)";
    check(Knobs::default(), 0, &["minilm takes 98.0 MB of memory", verdict, "semantic query success"]);
}

#[test]
fn too_little_memory_is_3_and_names_required_and_available() {
    let knobs = Knobs { short_of_memory: Some(999), ..Knobs::default() };
    check(knobs, 3, &["999 MB of memory are available; required: 1000 MB"]);
}

#[test]
fn a_harmful_canary_is_6() {
    check(Knobs { fails: true, ..Knobs::default() }, 6, &["rolled back: harmful"]);
}

#[test]
fn without_tier_1_it_is_3() {
    let world = World::new(Knobs::default());
    let (code, out, err) = world.run(&["phase3"]);
    assert_eq!(code, 3, "{out}\n{err}");
    assert!(
        format!("{out}{err}").contains("tier2 runs only above tier1, which is not enabled"),
        "{out}\n{err}"
    );
}
