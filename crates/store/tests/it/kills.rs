//! Processes killed at every step they tell of. Each kill is real: the test starts itself again as a child, which
//! aborts at the step it is told to.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use find_facts_core::FactStore;
use find_facts_store::kb::{self, Existing};
use find_facts_store::{BadLines, Progress, Store};

use crate::support::{exported, quiet};

/// For the child: the folder to work in, and after how many signs of life to die.
const FOLDER: &str = "FIND_FACTS_TEST_FOLDER";
const DIE_AT: &str = "FIND_FACTS_TEST_DIE_AT";

/// Runs an ignored test of this binary in a process of its own, to be killed at a step.
fn child(test: &str, folder: &Path, die_at: usize) -> ExitStatus {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--test-threads", "1"])
        .env(FOLDER, folder)
        .env(DIE_AT, die_at.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
}

/// In the child: does the work, and dies in the middle of it.
pub(crate) fn until_killed(work: impl FnOnce(&Path, &mut dyn FnMut(Progress<'_>))) {
    let (Some(folder), Ok(die_at)) = (std::env::var_os(FOLDER), std::env::var(DIE_AT)) else { return };
    let mut left: usize = die_at.parse().unwrap();
    work(Path::new(&folder), &mut |_| match left {
        0 => std::process::abort(),
        _ => left -= 1,
    });
}

/// Kills a child at its first step, its second and so on, until one ends by itself; returns how many were killed.
pub(crate) fn kill_everywhere(test: &str, folder: &Path, mut after_each: impl FnMut()) -> usize {
    let mut killed = 0;
    while !child(test, folder, killed).success() {
        after_each();
        killed += 1;
        assert!(killed < 1000, "`{test}` never ends by itself");
    }
    after_each();
    killed
}

#[test]
#[ignore = "a child of killed_import_leaves_old_state_or_new"]
fn import_until_killed() {
    until_killed(|folder, progress| {
        let files = [folder.join("new.tsv")];
        kb::import(&files, &folder.join("kb"), Existing::Keep, BadLines::Stop, progress).unwrap();
    });
}

#[test]
fn killed_import_leaves_old_state_or_new() {
    let folder = tempfile::tempdir().unwrap();
    let kb = folder.path().join("kb");
    let old = folder.path().join("old.tsv");
    fs::write(&old, "a\tp\tb\n").unwrap();
    fs::write(folder.path().join("new.tsv"), "c\tp\td\t1990\t\n").unwrap();
    kb::import(&[old], &kb, Existing::Keep, BadLines::Stop, &mut quiet).unwrap();
    let mut seen = vec![exported(&kb)];
    let kills = kill_everywhere("kills::import_until_killed", folder.path(), || {
        let now = exported(&kb);
        if seen.last() != Some(&now) {
            seen.push(now);
        }
    });
    assert_eq!(seen, ["facts: a|p|b", "facts: a|p|b, c|p|d|1990|"]);
    assert!(kills >= 6, "only {kills} steps were seen");
}

#[test]
#[ignore = "a child of killed_start_never_stops_the_next_one"]
fn start_until_killed() {
    until_killed(|folder, progress| {
        drop(Store::open(&folder.join("kb"), &folder.join("state"), progress).unwrap())
    });
}

#[test]
fn killed_start_never_stops_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let (kb, state) = (folder.path().join("kb"), folder.path().join("state"));
    fs::create_dir(&kb).unwrap();
    fs::write(kb.join("facts.tsv"), "a\tp\tb\n").unwrap();
    let kills = kill_everywhere("kills::start_until_killed", folder.path(), || ());
    assert!(kills >= 4, "only {kills} steps were seen");
    let store = Store::open(&kb, &state, &mut quiet).unwrap();
    assert_eq!((store.current().len(), store.current().version().0), (1, 1));
}
