//! The journal on disk: its frozen form, torn and changed lines, and processes that exclude each other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use find_facts_rollout::end::End;
use find_facts_rollout::journal::{
    Entry, Journal, JournalError, RunFolder, RunSummary, note, opened, replay, runs,
};
use find_facts_rollout::plan::PlanSource;
use find_facts_rollout::ports::RunLog;
use find_facts_rollout::step::Next;
use find_facts_rollout::suite::SuiteKind;
use proptest::prelude::*;

use crate::bench::Bench;
use crate::sim::Script;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal-v1.jsonl")
}

/// A whole run that goes wrong at 25 %, so that nearly every kind of entry occurs.
fn run() -> Bench {
    let mut bench =
        Bench::phase2(Script { failing: Some((25.0, 0.3)), meddles_at: Some(10.0), ..Script::default() });
    bench.go().unwrap();
    bench
}

fn write(path: &Path, entries: &[Entry]) {
    let (mut journal, _) = Journal::open(path).unwrap();
    for (entry, second) in entries.iter().zip(0..) {
        journal.append(UNIX_EPOCH + Duration::from_secs(second), entry).unwrap();
    }
}

fn entries(path: &Path) -> Vec<Entry> {
    Journal::look(path).unwrap().into_iter().map(|line| line.entry).collect()
}

/// The plan of the frozen run: the shipped ones may change, a run that has begun may not.
fn frozen_plan() -> PathBuf {
    fixture().with_file_name("plan-v1.toml")
}

#[test]
fn the_format_is_frozen() {
    let frozen = Journal::look(&fixture()).unwrap();
    let first = opened(&frozen).unwrap().clone();
    let plan = std::fs::read_to_string(frozen_plan()).unwrap();
    let schedule = Bench::of(&plan, 2880.0, Script::default()).schedule;
    let known: Vec<Entry> = frozen.into_iter().map(|line| line.entry).collect();
    let replayed = replay(&schedule, &first, &known).unwrap();
    assert!(matches!(replayed.next, Next::Stop(End::RolledBack { .. })), "{:?}", replayed.next);

    let folder = tempfile::tempdir().unwrap();
    let again = folder.path().join("journal.jsonl");
    write(&again, &known);
    assert_eq!(std::fs::read_to_string(again).unwrap(), std::fs::read_to_string(fixture()).unwrap());
}

#[test]
fn entries_come_back_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let run = run();
    write(&path, &run.log.0);
    assert_eq!(entries(&path), run.log.0);
}

#[test]
fn a_line_torn_at_any_byte_is_dropped_and_the_rest_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let written = run().log.0;
    write(&path, &written[..3]);
    let whole = std::fs::read(&path).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for length in last..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        let (mut journal, lines) = Journal::open(&path).unwrap();
        assert_eq!(lines.len(), 2, "torn at byte {length}");
        journal.append(UNIX_EPOCH + Duration::from_secs(2), &written[2]).unwrap();
        drop(journal);
        assert_eq!(std::fs::read(&path).unwrap(), whole);
    }
}

proptest! {
    #[test]
    fn a_changed_byte_is_noticed_and_its_line_is_named(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let frozen = std::fs::read(fixture()).unwrap();
        let mut bytes: Vec<u8> = frozen.split_inclusive(|byte| *byte == b'\n').take(6).flatten().copied().collect();
        let fifth_ends = bytes.split_inclusive(|byte| *byte == b'\n').take(5).map(<[u8]>::len).sum();
        let changed = at.index(fifth_ends);
        let line = 1 + bytes[..changed].iter().filter(|byte| **byte == b'\n').count();
        bytes[changed] ^= 1 << bit;
        std::fs::write(&path, &bytes).unwrap();
        match Journal::look(&path) {
            Err(JournalError::Corrupt { line: named, .. }) => prop_assert_eq!(named, line),
            other => prop_assert!(false, "byte {} of line {}: {:?}", changed, line, other),
        }
    }
}

#[test]
fn a_damaged_line_end_before_the_last_line_is_no_torn_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let frozen = std::fs::read_to_string(fixture()).unwrap();
    let three: String = frozen.split_inclusive('\n').take(3).collect();
    let second_end = three.match_indices('\n').nth(1).unwrap().0;
    let mut bytes = three.into_bytes();
    bytes[second_end] = b' ';
    std::fs::write(&path, bytes).unwrap();
    let error = Journal::look(&path).unwrap_err();
    assert!(matches!(error, JournalError::Corrupt { line: 2, .. }), "{error}");
}

#[test]
fn a_missing_line_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let frozen = std::fs::read_to_string(fixture()).unwrap();
    let kept: String =
        frozen.split_inclusive('\n').enumerate().filter(|(at, _)| *at != 2).map(|(_, l)| l).collect();
    std::fs::write(&path, kept).unwrap();
    let error = Journal::look(&path).unwrap_err();
    assert!(matches!(error, JournalError::Corrupt { line: 3, .. }), "{error}");
}

#[test]
fn two_processes_do_not_write_one_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let (held, _) = Journal::open(&path).unwrap();
    assert!(matches!(Journal::open(&path), Err(JournalError::InUse { .. })));
    assert!(Journal::look(&path).unwrap().is_empty());
    drop(held);
    assert!(Journal::open(&path).is_ok());
}

#[test]
fn a_run_does_not_go_on_with_another_plan() {
    let run = run();
    let other = find_facts_rollout::journal::Opened { digest: "another".to_owned(), ..run.opened.clone() };
    let error = replay(&run.schedule, &other, &run.log.0).unwrap_err();
    assert!(matches!(error, JournalError::OtherPlan { .. }), "{error}");
}

#[test]
fn a_run_folder_keeps_its_own_copy_of_plan_and_suites() {
    let runs = tempfile::tempdir().unwrap();
    let source = PlanSource {
        suites: BTreeMap::from([(SuiteKind::Unit, "{}\n".to_owned())]),
        ..PlanSource::shipped(2).unwrap()
    };
    let folder = RunFolder::create(runs.path(), "r1", &source).unwrap();
    assert!(folder.look().unwrap().is_empty());
    let copy = RunFolder::of(runs.path(), "r1").source().unwrap();
    assert_eq!((copy.digest(), copy.suites), (source.digest(), source.suites.clone()));
    assert!(RunFolder::create(runs.path(), "r1", &source).is_err(), "a run's name is used once");
}

fn summary(run: &str, began_ms: u64, status: find_facts_api::rollout::RunStatus) -> RunSummary {
    RunSummary {
        run: run.to_owned(),
        plan: "phase2".to_owned(),
        phase: 2,
        time_scale: find_facts_rollout::scale::TimeScale::REAL,
        began_ms,
        status,
        reason: None,
    }
}

#[test]
fn the_index_shows_every_run_once_and_in_order() {
    use find_facts_api::rollout::RunStatus::{Completed, Running};
    let folder = tempfile::tempdir().unwrap();
    note(folder.path(), summary("second", 20, Running)).unwrap();
    note(folder.path(), summary("first", 10, Running)).unwrap();
    note(folder.path(), summary("second", 20, Completed)).unwrap();
    let names: Vec<_> = runs(folder.path()).unwrap().into_iter().map(|run| (run.run, run.status)).collect();
    assert_eq!(names, [("first".to_owned(), Running), ("second".to_owned(), Completed)]);
}

#[test]
fn an_index_of_a_newer_program_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let newer = r#"{"version":2,"runs":[],"more":true}"#;
    std::fs::write(folder.path().join("index.json"), newer).unwrap();
    note(folder.path(), summary("r1", 1, find_facts_api::rollout::RunStatus::Running)).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join("index.json")).unwrap(), newer);
}

#[test]
fn a_lost_index_is_made_again_from_the_folders() {
    let folder = tempfile::tempdir().unwrap();
    let run = run();
    let path = RunFolder::create(folder.path(), "r1", &PlanSource::shipped(2).unwrap()).unwrap();
    let (mut journal, _) = path.journal().unwrap();
    journal.append(UNIX_EPOCH + Duration::from_secs(3), &run.log.0[0]).unwrap();
    std::fs::create_dir(folder.path().join("never-began")).unwrap();
    let found = runs(folder.path()).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].run.as_str(), found[0].began_ms), ("r1", 3000));
}
